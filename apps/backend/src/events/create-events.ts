import { StreamSlots } from '@cloudemy/service';
import type { Base } from '../base.js';
import { streamLimits } from '../config.js';
import { SubmissionHub } from './hub.js';
import { SubmissionStreams } from './stream.js';

/** Live events about submissions, and how many may listen. */
export interface SubmissionEvents {
  hub: SubmissionHub;
  streams: SubmissionStreams;
  slots: StreamSlots;
}

export function createEvents({ config, stores, subscriber, log }: Base): SubmissionEvents {
  const hub = new SubmissionHub(stores.submissions, subscriber, log);
  const streams = new SubmissionStreams(stores.submissions, hub, log);
  return { hub, streams, slots: new StreamSlots(streamLimits(config)) };
}
