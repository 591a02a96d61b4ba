import { expect, test } from '@jest/globals';
import { EventExpiry } from './event-expiry.js';
import { Registry } from './registry.js';

test('of more events than are kept the oldest go, and only those', () => {
  const registry = new Registry();
  registry.create('namespaces', { metadata: { name: 'one' } });
  const expiry = new EventExpiry(registry, 10);
  const names = Array.from({ length: 25 }, (_, number) => `e${String(number).padStart(2, '0')}`);
  for (const name of names) {
    registry.create('events', { metadata: { name, namespace: 'one' }, involvedObject: { namespace: 'one' } });
    // Somebody else removes one of them.
    if (name === 'e20') registry.delete('events', 'one', 'e19');
  }
  expect(registry.list('events').map(({ metadata }) => metadata.name)).toEqual(
    names.slice(14).filter((name) => name !== 'e19'),
  );
  expiry.close();
});
