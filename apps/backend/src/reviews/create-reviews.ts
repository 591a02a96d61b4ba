import type { Base } from '../base.js';
import { Comments } from './comments.js';
import { ReviewGrouping } from './groups.js';
import { ReviewQueue } from './queue.js';
import { ReviewRequests } from './requests.js';
import type { ReviewParts } from './routes.js';

/** What people say about submissions, and what they should look at. */
export function createReviews({ stores, database }: Base): ReviewParts['reviews'] {
  const { comments, reviewRequests, submissions } = stores;
  const { now } = database.clock;
  return {
    comments: new Comments(comments, submissions, now),
    requests: new ReviewRequests(reviewRequests, submissions, now),
    queue: new ReviewQueue(submissions, reviewRequests),
    groups: new ReviewGrouping(submissions),
  };
}
