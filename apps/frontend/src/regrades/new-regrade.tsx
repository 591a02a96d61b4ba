'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { RegradeEstimate } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

/** How many it is tried on first. */
const few = 5;

interface Given {
  assignmentId: string;
  /** Submissions that are graded, to take a few of. */
  some: readonly string[];
}

type Asked = Parameters<typeof callApi<'regradeAssignment'>>[1]['body'];

/** What is to be graded again: an estimate first, then a draft of a few or of all, which changes no grade. */
export function NewRegrade({ assignmentId, some }: Given) {
  const t = useTranslations('regrade');
  const router = useRouter();
  const [graded, setGraded] = useState(true);
  const [failed, setFailed] = useState(true);
  const [estimate, setEstimate] = useState<RegradeEstimate>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const params = { assignment_id: assignmentId };
  const statuses = [...(graded ? ['graded' as const] : []), ...(failed ? ['failed' as const] : [])];

  const attempt = async (ask: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await ask();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
    setBusy(false);
  };
  const begin = (body: Asked): Promise<void> =>
    attempt(async () => {
      const { regrade_id } = await callApi('regradeAssignment', { params, body });
      router.push(`/assignments/${assignmentId}/regrades/${regrade_id}`);
    });
  const nothing = statuses.length === 0 || busy;
  return (
    <section className="card" aria-label={t('new')}>
      <h2>{t('new')}</h2>
      <fieldset className="row plain-set">
        <legend>{t('which')}</legend>
        <label className="row">
          <input type="checkbox" checked={graded} onChange={({ target }) => setGraded(target.checked)} />
          {t('graded')}
        </label>
        <label className="row">
          <input type="checkbox" checked={failed} onChange={({ target }) => setFailed(target.checked)} />
          {t('failedOnes')}
        </label>
        <button
          type="button"
          className="button small"
          disabled={nothing}
          onClick={() =>
            void attempt(async () =>
              setEstimate(await callApi('estimateRegrade', { params, body: { statuses } })),
            )
          }
        >
          {t('estimate')}
        </button>
      </fieldset>
      <p role="status">{estimate !== undefined && <Estimate estimate={estimate} />}</p>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div className="row">
        <button
          type="button"
          className="button"
          disabled={busy || some.length === 0}
          onClick={() => void begin({ draft: true, submission_ids: sample(some, few) })}
        >
          {t('tryFew', { count: Math.min(few, some.length) })}
        </button>
        <button
          type="button"
          className="button main"
          disabled={nothing}
          onClick={() => void begin({ draft: true, statuses })}
        >
          {t('draftAll')}
        </button>
        <ConfirmButton
          className="button"
          label={t('atOnce')}
          question={t('atOnceQuestion')}
          onConfirm={() => void begin({ statuses })}
        />
      </div>
      <p className="hint">{t('draftHint')}</p>
    </section>
  );
}

function Estimate({ estimate }: { estimate: RegradeEstimate }) {
  const t = useTranslations('regrade');
  const { submissions, tokens, cost_usd: cost, minutes, based_on: basedOn } = estimate;
  return (
    <>
      {t('estimated', { count: submissions })}
      {minutes !== null && ` ${t('minutes', { minutes })}`}
      {tokens !== null && ` ${t('tokens', { tokens })}`}{' '}
      {cost === null ? t('costUnknown') : t('cost', { cost })}{' '}
      <span className="muted">{t('basedOn', { count: basedOn })}</span>
    </>
  );
}

/** Some of a list, each with the same chance. */
function sample<T>(list: readonly T[], count: number): T[] {
  const rest = [...list];
  return Array.from({ length: Math.min(count, rest.length) }, () =>
    rest.splice(Math.floor(Math.random() * rest.length), 1),
  ).flat();
}
