import type { publicApi } from '@cloudemy/contracts';
import { type Handlers, type StreamSlots, requestIdOf, sendEvents, traceparentOf } from '@cloudemy/service';
import type { Response } from 'express';
import { actorOf, addressKey, callerOf, tellAudit } from '@cloudemy/auth';
import type { AssignmentModel } from '../assignments/model.js';
import { assertMaySubmit, rightOver, visibleTo } from '../auth/scope.js';
import { readerOf } from '../courses/reader.js';
import type { EnrolmentCollection } from '../courses/model.js';
import type { Sight } from '../courses/sight.js';
import type { SubmissionStreams } from '../events/stream.js';
import { fileOf } from '../files/download.js';
import type { KeptFileCollection } from '../files/model.js';
import type { Intake, Origin } from './intake.js';
import { listSubmissions } from './listing.js';
import type { SubmissionCollection } from './model.js';
import type { Submissions } from './submissions.js';
import { submissionView } from './view.js';

type SubmissionHandlers = Pick<
  Handlers<typeof publicApi>,
  | 'createSubmission'
  | 'listSubmissions'
  | 'getSubmission'
  | 'getSubmissionFile'
  | 'cancelSubmission'
  | 'regradeSubmission'
  | 'streamSubmissionEvents'
>;

export interface SubmissionParts {
  sight: Sight;
  enrolments: EnrolmentCollection;
  intake: Intake;
  submissions: Submissions;
  submissionCollection: SubmissionCollection;
  assignmentModel: AssignmentModel;
  keptFiles: KeptFileCollection;
  streams: SubmissionStreams;
  /** Caps the streams of one reader. */
  streamSlots: StreamSlots;
}

export function submissionHandlers(parts: SubmissionParts): SubmissionHandlers {
  const { intake, submissions, submissionCollection, assignmentModel, streams, streamSlots } = parts;
  const { sight, enrolments } = parts;
  return {
    createSubmission: async ({ res, body, headers }) => {
      const stores = { assignments: assignmentModel, submissions: submissionCollection, enrolments };
      await assertMaySubmit(callerOf(res), body, stores, (more) => tellAudit(res, more));
      const key = headers['idempotency-key'];
      const { submission, replayed } = await intake.submit(actorOf(res), body, originOf(res), key);
      return {
        status: 202,
        body: submissionView(submission, await sight.of(res, [submission])),
        headers: {
          ...locationOf(String(submission._id)),
          ...(replayed ? { 'Idempotent-Replayed': 'true' } : {}),
        },
      };
    },
    listSubmissions: async ({ query, res }) => ({
      status: 200,
      body: await listSubmissions(
        submissionCollection,
        query,
        await visibleTo(callerOf(res), assignmentModel, enrolments),
        (rows) => sight.of(res, rows),
      ),
    }),
    getSubmission: async ({ params, res }) => ({
      status: 200,
      body: await submissions.get(params.submission_id, await readerOf(res, sight, params.submission_id)),
    }),
    getSubmissionFile: async ({ params: { submission_id: id }, query, res }) => {
      const stores = { submissions: submissionCollection, keptFiles: parts.keptFiles };
      const { name, bytes } = await fileOf(stores, id, query.path);
      // Never as something that a browser would show: it is somebody's.
      res.status(200).set({
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        'X-Content-Type-Options': 'nosniff',
      });
      res.send(bytes);
      return undefined;
    },
    cancelSubmission: async ({ params, res }) => ({
      status: 200,
      body: await submissions.cancel(
        actorOf(res),
        params.submission_id,
        await rightOver(
          callerOf(res),
          params.submission_id,
          submissionCollection,
          assignmentModel,
          enrolments,
        ),
        await readerOf(res, sight, params.submission_id),
      ),
    }),
    regradeSubmission: async ({ params, res }) => ({
      status: 202,
      body: await submissions.regrade(actorOf(res), params.submission_id, originOf(res)),
      headers: locationOf(params.submission_id),
    }),
    streamSubmissionEvents: async ({ params, headers, req, res, signal }) => {
      streamSlots.take(res, actorOf(res).userId, addressKey(req.ip ?? ''));
      const after = Number(headers['last-event-id'] ?? 0);
      const events = await streams.follow(params.submission_id, after, signal, () =>
        sight.ofOne(res, params.submission_id),
      );
      if (events === undefined) return { status: 204 };
      await sendEvents(res, events);
      return undefined;
    },
  };
}

const locationOf = (submissionId: string) => ({ Location: `/submissions/${submissionId}` });

function originOf(res: Response): Origin {
  return { requestId: requestIdOf(res), traceparent: traceparentOf(res) ?? null };
}
