import { expect, test } from '@jest/globals';
import { Transcript, maxExchanges, maxTranscript } from '@cloudemy/contracts';
import fc from 'fast-check';
import { TranscriptKeeper } from './transcript.js';

const reply = (texts: string[]) => ({
  texts,
  end: 'whole' as const,
  refused: false,
  model: 'm',
  usage: undefined,
});
const user = (content: string) => ({ role: 'user' as const, content });

test('a question that is asked on says what it repeats', () => {
  const keeper = new TranscriptKeeper();
  const first = [user('one')];
  keeper.note({ model: 'm', parameters: {}, messages: first }, reply(['bad']));
  keeper.note({ model: 'm', parameters: {}, messages: [...first, user('again')] }, reply(['good']));
  const [, second] = keeper.read().exchanges;
  expect(second).toMatchObject({ repeats: 1, messages: [{ content: 'again', bytes: 5 }] });
});

test('a text that is too long is kept as its hash', () => {
  const keeper = new TranscriptKeeper();
  keeper.note({ model: 'm', parameters: {}, messages: [user('x'.repeat(maxTranscript))] }, reply(['y']));
  const [{ messages: [long], answers: [short] } = { messages: [], answers: [] }] = keeper.read().exchanges;
  expect(long).toMatchObject({ content: null, bytes: maxTranscript });
  expect(short).toMatchObject({ content: 'y' });
});

test('whatever is said, what is kept fits the contract', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 });
  const exchange = fc.tuple(fc.array(text, { maxLength: 30 }), fc.array(text, { maxLength: 15 }));
  fc.assert(
    fc.property(fc.array(exchange, { maxLength: maxExchanges + 2 }), (exchanges) => {
      const keeper = new TranscriptKeeper();
      for (const [said, texts] of exchanges) {
        keeper.note({ model: 'm', parameters: {}, messages: said.map(user) }, reply(texts));
      }
      const kept = keeper.read();
      expect(Transcript.parse(kept)).toEqual(kept);
      expect(kept.exchanges.length + kept.left_out).toBe(exchanges.length);
    }),
    { numRuns: 50 },
  );
});
