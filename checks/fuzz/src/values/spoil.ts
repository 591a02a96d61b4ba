import { RawJson, hostileString, hostileValue } from './hostile.js';
import type { Random } from './random.js';

/** A copy of a JSON value with one thing wrong in it, somewhere: changed, left out, or too much. */
export function spoil(value: unknown, random: Random): unknown {
  if (Array.isArray(value) && value.length > 0 && random.chance(0.8)) {
    const at = random.whole(0, value.length - 1);
    return value.map((item: unknown, index) => (index === at ? spoil(item, random) : item));
  }
  const isObject = typeof value === 'object' && value !== null && !(value instanceof RawJson);
  return isObject && random.chance(0.9) ? spoilObject(value, random) : hostileValue(random);
}

function spoilObject(value: object, random: Random): unknown {
  const members: [string, unknown][] = Object.entries(value);
  if (members.length === 0 || random.chance(0.15)) {
    return Object.fromEntries([...members, [hostileString(random), hostileValue(random)]]);
  }
  const [name, member] = random.pick(members);
  const others = members.filter(([other]) => other !== name);
  return Object.fromEntries(random.chance(0.2) ? others : [...others, [name, spoil(member, random)]]);
}
