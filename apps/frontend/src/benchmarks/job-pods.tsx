'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { JobStatus } from '@cloudemy/contracts';
import { callBench } from '../data/browser.ts';
import { asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';

const refetchMs = 2_000;

/** The state of a Job, asked again and again. */
export const useJob = (job: string, namespace: string, first?: JobStatus) =>
  useQuery({
    queryKey: ['job', namespace, job],
    queryFn: ({ signal }) =>
      callBench('getJobStatus', { params: { job_name: job }, query: { namespace } }, { signal }),
    refetchInterval: refetchMs,
    ...(first === undefined ? {} : { initialData: first }),
  });

/** The pods of a Job with their containers, and why one does not run. */
export function JobPods({ job, namespace }: { job: string; namespace: string }) {
  const t = useTranslations('benchmarks');
  const query = useJob(job, namespace);
  if (query.isError) return <TroubleNotice trouble={asTrouble(query.error)} />;
  if (query.data === undefined) return <p role="status">{t('loading')}</p>;
  return <PodTable job={query.data} />;
}

/** The same of a state that is known. */
export function PodTable({ job: { pods, job_name } }: { job: JobStatus }) {
  const t = useTranslations('benchmarks');
  if (pods.length === 0) return <p className="muted">{t('noPods')}</p>;
  return (
    <div className="scroll">
      <table>
        <caption className="visually-hidden">{t('podsOf', { job: job_name })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('pod')}</th>
            <th scope="col">{t('phase')}</th>
            <th scope="col">{t('container')}</th>
            <th scope="col">{t('why')}</th>
            <th scope="col" className="num">
              {t('restarts')}
            </th>
            <th scope="col">{t('node')}</th>
          </tr>
        </thead>
        <tbody>
          {pods.flatMap((pod) =>
            pod.containers.map((container, index) => (
              <tr key={`${pod.name} ${container.name}`}>
                {index === 0 && (
                  <>
                    <th scope="rowgroup" rowSpan={pod.containers.length}>
                      {pod.name}
                    </th>
                    <td rowSpan={pod.containers.length}>{pod.phase}</td>
                  </>
                )}
                <td>
                  {container.name}
                  <br />
                  <span className="hint">{container.image}</span>
                </td>
                <td className="wide-cell">
                  {[
                    container.state,
                    container.reason,
                    container.message ?? (index === 0 ? pod.message : null),
                  ]
                    .filter((part) => part !== null)
                    .join(' · ')}
                  {container.exit_code !== null && ` (${t('exitCode', { code: container.exit_code })})`}
                </td>
                <td className="num">{container.restarts}</td>
                {index === 0 && <td rowSpan={pod.containers.length}>{pod.node ?? '—'}</td>}
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
