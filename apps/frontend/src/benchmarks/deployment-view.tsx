'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { DeployedObject, Deployment } from '@cloudemy/contracts';
import { callBench } from '../data/browser.ts';
import { asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Time } from '../parts/time.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { JobPods } from './job-pods.tsx';
import { ObjectReports } from './object-reports.tsx';
import { StateTag } from './state-tag.tsx';

const refetchMs = 2_000;

/** One deployment with each of its objects, as the cluster has them now. */
export function DeploymentView({ first }: { first: Deployment }) {
  const t = useTranslations('benchmarks');
  const { deployment_id } = first;
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ['deployment', deployment_id],
    queryFn: ({ signal }) => callBench('getDeployment', { params: { deployment_id } }, { signal }),
    initialData: first,
    refetchInterval: refetchMs,
  });
  const removing = useMutation({
    mutationFn: () => callBench('deleteDeployment', { params: { deployment_id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['deployment', deployment_id] }),
  });
  const { name, namespace, owner, state, message, objects, created_at, deleted_at } = query.data;
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p>
            <Link href="/benchmarks" prefetch={false}>
              {t('title')}
            </Link>
          </p>
          <h1>{name}</h1>
          <p className="row" role="status">
            <StateTag state={state} /> {message}
          </p>
        </div>
        {deleted_at === null && state !== 'deleting' && (
          <ConfirmButton
            label={t('delete')}
            question={t('deleteQuestion', { name, count: objects.length })}
            onConfirm={() => removing.mutate()}
          />
        )}
      </div>
      {query.isError && <TroubleNotice trouble={asTrouble(query.error)} />}
      {removing.isError && <TroubleNotice trouble={asTrouble(removing.error)} />}
      {removing.isSuccess && (
        <>
          <p className="notice good" role="status">
            {removing.data.message}
          </p>
          <ObjectReports objects={removing.data.objects} />
        </>
      )}
      <dl className="facts card">
        <dt>{t('namespace')}</dt>
        <dd>{namespace}</dd>
        <dt>{t('owner')}</dt>
        <dd>{owner}</dd>
        <dt>{t('deployed')}</dt>
        <dd>
          <Time at={created_at} />
        </dd>
        {deleted_at !== null && (
          <>
            <dt>{t('deletedAt')}</dt>
            <dd>
              <Time at={deleted_at} />
            </dd>
          </>
        )}
      </dl>
      <section className="stack" aria-label={t('objects')}>
        <h2>{t('objects')}</h2>
        {objects.map((object) => (
          <ObjectCard key={`${object.document} ${object.kind} ${object.name}`} object={object} />
        ))}
      </section>
    </main>
  );
}

function ObjectCard({ object }: { object: DeployedObject }) {
  const t = useTranslations('benchmarks');
  const { kind, name, namespace, state, message, runs = [] } = object;
  const isThere = name !== null && !['gone', 'replaced', 'not_created', 'terminating'].includes(state);
  return (
    <article className="card">
      <div className="head">
        <div>
          <h3>
            {kind} {name}
          </h3>
          <p className="row">
            <StateTag state={state} /> {message}
          </p>
        </div>
        {kind === 'Job' && isThere && (
          <Link className="button main" href={`/benchmarks/jobs/${namespace}/${name}`} prefetch={false}>
            {t('logAndTerminal')}
          </Link>
        )}
      </div>
      {kind === 'Job' && isThere && <JobPods job={name} namespace={namespace} />}
      {runs.length > 0 && (
        <ul className="plain-list">
          {runs.map((run) => (
            <li key={run.job_name} className="row">
              <StateTag state={run.state} />
              <Link href={`/benchmarks/jobs/${namespace}/${run.job_name}`} prefetch={false}>
                {run.job_name}
              </Link>
              <span className="muted">{run.message}</span>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
