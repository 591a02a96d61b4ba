import { createHash } from 'node:crypto';
import {
  type Exchange,
  type SaidText,
  type Transcript,
  maxExchanges,
  maxTranscript,
} from '@cloudemy/contracts';
import type { Message } from '../prompt/messages.js';
import type { Reply } from './provider.js';

/** Texts of one exchange at most; more says nothing that a person would read. */
const mostTexts = 10;
const mostMessages = 20;
const longestName = 200;

/** A request as it went out. */
export interface Asked {
  model: string;
  parameters: Exchange['parameters'];
  messages: readonly Message[];
}

/** Keeps what was said to the model and what came back, for the receipt of the attempt. */
export class TranscriptKeeper {
  private readonly exchanges: Exchange[] = [];
  private leftOut = 0;
  private room = maxTranscript;
  private before: readonly Message[] = [];

  note({ model, parameters, messages }: Asked, reply: Reply): void {
    if (this.exchanges.length === maxExchanges) {
      this.leftOut += 1;
      return;
    }
    const repeats = sharedWith(this.before, messages);
    this.before = messages;
    this.exchanges.push({
      model: model.slice(0, longestName),
      parameters,
      repeats,
      messages: messages
        .slice(repeats, repeats + mostMessages)
        .map(({ role, content }) => ({ role, ...this.said(content) })),
      answers: reply.texts.slice(0, mostTexts).map((text) => this.said(text)),
      end: reply.end,
      reported_model: reply.model?.slice(0, longestName) ?? null,
      total_tokens: reply.usage?.total_tokens ?? null,
    });
  }

  /** As of now. */
  read(): Transcript {
    return { exchanges: [...this.exchanges], left_out: this.leftOut };
  }

  private said(text: string): SaidText {
    const content = text.toWellFormed();
    const weight = JSON.stringify(content).length;
    const fits = weight <= this.room;
    if (fits) this.room -= weight;
    return {
      content: fits ? content : null,
      bytes: Buffer.byteLength(content),
      sha256: createHash('sha256').update(content).digest('base64url'),
    };
  }
}

/** How many messages two conversations begin alike with. */
function sharedWith(before: readonly Message[], after: readonly Message[]): number {
  const other = after.findIndex((one, index) => {
    const was = before[index];
    return was?.role !== one.role || was.content !== one.content;
  });
  return other === -1 ? after.length : other;
}
