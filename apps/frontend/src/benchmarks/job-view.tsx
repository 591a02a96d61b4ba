'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { JobStatus } from '@cloudemy/contracts';
import { asTrouble } from '../data/problem.ts';
import { LogView } from '../logs/log-view.tsx';
import { Age } from '../parts/age.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { PodTable, useJob } from './job-pods.tsx';
import { OpenTerminalForm } from './open-terminal.tsx';
import { StateTag } from './state-tag.tsx';

/** A Job: why it is where it is, its log, its pods, and terminals into them. */
export function JobView({ first }: { first: JobStatus }) {
  const t = useTranslations('benchmarks');
  const { job_name, namespace, deployment_id } = first;
  const query = useJob(job_name, namespace, first);
  const job = query.data ?? first;
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p className="row">
            <Link href="/benchmarks" prefetch={false}>
              {t('title')}
            </Link>
            <span aria-hidden="true">/</span>
            <Link href={`/benchmarks/${deployment_id}`} prefetch={false}>
              {t('deployment')}
            </Link>
          </p>
          <h1>{job_name}</h1>
          <p className="row" role="status">
            <StateTag state={job.phase} /> {job.message}
          </p>
        </div>
        <p className="muted">
          {namespace}
          {job.created_at !== null && (
            <>
              {' · '}
              <Age at={job.created_at} />
            </>
          )}
          {job.duration_seconds !== null && ` · ${t('ran', { seconds: Math.round(job.duration_seconds) })}`}
        </p>
      </div>
      {query.isError && <TroubleNotice trouble={asTrouble(query.error)} />}
      <section className="stack-s" aria-label={t('terminal')}>
        <OpenTerminalForm job={job_name} namespace={namespace} pods={job.pods} />
      </section>
      <LogView job={job_name} namespace={namespace} />
      <section className="card" aria-label={t('pods')}>
        <h2>{t('pods')}</h2>
        <PodTable job={job} />
      </section>
    </main>
  );
}
