import type { Types } from 'mongoose';
import type { UserModel } from '../users/model.js';
import type { Counted } from './walk.js';

/** Somebody as they are called. */
export interface Named extends Counted {
  name: string | null;
  email: string | null;
}

/** Names asked for at a time. */
const batchSize = 200;

/** With names, which are looked up for many at once. */
export async function* named(standings: AsyncIterable<Counted>, users: UserModel): AsyncGenerator<Named> {
  let batch: Counted[] = [];
  for await (const standing of standings) {
    batch.push(standing);
    if (batch.length < batchSize) continue;
    yield* await withNames(batch, users);
    batch = [];
  }
  if (batch.length > 0) yield* await withNames(batch, users);
}

interface Person {
  _id: Types.ObjectId;
  email: string;
  display_name: string;
}

async function withNames(batch: readonly Counted[], users: UserModel): Promise<Named[]> {
  const ids = batch.map(({ submission }) => submission.user_id);
  const found = await users.find({ _id: { $in: ids } }, { email: 1, display_name: 1 }).lean<Person[]>();
  const byId = new Map(found.map((person) => [String(person._id), person]));
  return batch.map((standing) => {
    const person = byId.get(String(standing.submission.user_id));
    return { ...standing, name: person?.display_name ?? null, email: person?.email ?? null };
  });
}
