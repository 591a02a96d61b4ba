'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Submission, SubmissionEvent, SubmissionStatus } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { StatusTag } from '../parts/status-tag.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

/** What the state line needs; the code itself stays on the server. */
export type Known = Pick<
  Submission,
  'submission_id' | 'status' | 'attempt' | 'queue' | 'waiting' | 'failure'
>;

/** Milliseconds between two looks at the place in the queue, which moves without an event. */
const placeEveryMs = 3_000;
const isOver = (status: SubmissionStatus): boolean => ['graded', 'failed', 'cancelled'].includes(status);

/** Where a submission stands, live, and why it waits; the page is read again when it is graded. */
export function LiveState({ first, canCancel }: { first: Known; canCancel: boolean }) {
  const t = useTranslations('submission');
  const router = useRouter();
  const [known, setKnown] = useState(first);
  const [trouble, setTrouble] = useState<Trouble>();
  const { submission_id } = first;
  const over = isOver(known.status);

  useEffect(() => setKnown(first), [first]);
  useEffect(() => {
    if (over) return undefined;
    const look = async (): Promise<void> => {
      try {
        setKnown(await callApi('getSubmission', { params: { submission_id } }));
      } catch {
        // The next look, or the next event, tells.
      }
    };
    const events = new EventSource(`/api/submissions/${submission_id}/events`);
    events.addEventListener('status', ({ data }) => {
      const event: SubmissionEvent = JSON.parse(data);
      if (event.final) {
        events.close();
        router.refresh();
      }
      void look();
    });
    const timer = window.setInterval(() => void look(), placeEveryMs);
    return () => {
      events.close();
      window.clearInterval(timer);
    };
  }, [over, submission_id, router]);

  const cancel = async (): Promise<void> => {
    try {
      setTrouble(undefined);
      await callApi('cancelSubmission', { params: { submission_id } });
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <div className="stack-s">
      <p className="row" role="status">
        <StatusTag status={known.status} />
        {!over && <span className="spin" aria-hidden="true" />}
        {known.queue !== null && t('place', { position: known.queue.position, ahead: known.queue.ahead })}
        {known.status === 'running' && t('running')}
        {known.status === 'failed' && known.failure?.message}
      </p>
      {known.waiting !== null && !over && <p className="notice warn">{known.waiting.message}</p>}
      {canCancel && !over && (
        <div>
          <ConfirmButton
            className="button small danger"
            label={t('cancel')}
            question={t('cancelQuestion')}
            onConfirm={() => void cancel()}
          />
        </div>
      )}
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </div>
  );
}
