import type { Actor } from '@cloudemy/auth';

/** Who makes a transition, as the history says it. */
export type ActorName = `user:${string}` | 'scheduler' | 'runner' | 'backend' | 'operator';

export const actorName = ({ userId }: Actor): ActorName => `user:${userId}`;
