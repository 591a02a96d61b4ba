'use client';

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Deployment, DeploymentState } from '@cloudemy/contracts';
import { callBench } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { Age } from '../parts/age.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Empty } from '../parts/empty.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { StateTag } from './state-tag.tsx';

const pageSize = 50;
const refetchMs = 3_000;

const states = [
  'active',
  'progressing',
  'troubled',
  'suspended',
  'complete',
  'failed',
  'incomplete',
  'partly_gone',
  'gone',
  'deleting',
  'deleted',
] as const satisfies DeploymentState[];

/** Everything that is deployed, with the reason for its state in its row. Filters are in the address of the page. */
export function DeploymentTable({ namespaces }: { namespaces: readonly string[] }) {
  const t = useTranslations('benchmarks');
  const filters = useFilters();
  const { name, namespace, state } = filters.values;
  const list = useInfiniteQuery({
    queryKey: ['deployments', filters.values],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      callBench(
        'listDeployments',
        {
          query: {
            limit: pageSize,
            ...(name === '' ? {} : { name }),
            ...(namespace === '' ? {} : { namespace }),
            ...(isState(state) ? { state } : {}),
            ...(pageParam === '' ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: refetchMs,
    placeholderData: (before) => before,
  });
  const deployments = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = name !== '' || namespace !== '' || state !== '';
  return (
    <>
      <search className="row">
        <label className="field grow">
          <span>{t('search')}</span>
          <input
            type="search"
            defaultValue={name}
            onChange={({ target }) => filters.set({ name: target.value.trim() })}
          />
        </label>
        <label className="field">
          <span>{t('namespace')}</span>
          <select value={namespace} onChange={({ target }) => filters.set({ namespace: target.value })}>
            <option value="">{t('all')}</option>
            {namespaces.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <StateFilter value={state} onChoose={(chosen) => filters.set({ state: chosen })} />
      </search>
      {list.isError && <TroubleNotice trouble={asTrouble(list.error)} />}
      {list.isPending && (
        <p className="row" role="status">
          <span className="spin" aria-hidden="true" /> {t('loading')}
        </p>
      )}
      {list.isSuccess && deployments.length === 0 && (
        <Empty title={isFiltered ? t('noneFound') : t('none')}>
          <p className="muted">{isFiltered ? t('noneFoundHint') : t('noneHint')}</p>
        </Empty>
      )}
      {deployments.length > 0 && <Table deployments={deployments} />}
      {deployments.length > 0 && (
        <div className="row">
          <span className="hint" role="status">
            {list.hasNextPage
              ? t('shownMore', { count: deployments.length })
              : t('shown', { count: deployments.length })}
          </span>
          {list.hasNextPage && (
            <button
              type="button"
              className="button"
              disabled={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {t('more')}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function StateFilter({ value, onChoose }: { value: string; onChoose: (state: string) => void }) {
  const t = useTranslations('benchmarks');
  const words = useTranslations('state');
  return (
    <label className="field">
      <span>{t('state')}</span>
      <select value={value} onChange={({ target }) => onChoose(target.value)}>
        <option value="">{t('all')}</option>
        {states.map((one) => (
          <option key={one} value={one}>
            {words(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

const isState = (text: string): text is (typeof states)[number] => states.some((state) => state === text);

function useFilters() {
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const values = {
    name: search.get('name') ?? '',
    namespace: search.get('namespace') ?? '',
    state: search.get('state') ?? '',
  };
  const set = (changes: Partial<typeof values>): void => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...values, ...changes })) {
      if (value !== '') query.set(name, value);
    }
    router.replace(query.size === 0 ? path : `${path}?${query}`, { scroll: false });
  };
  return { values, set };
}

function Table({ deployments }: { deployments: readonly Deployment[] }) {
  const t = useTranslations('benchmarks');
  const [trouble, setTrouble] = useState<Trouble>();
  const queries = useQueryClient();
  const remove = async (deployment_id: string): Promise<void> => {
    try {
      setTrouble(undefined);
      await callBench('deleteDeployment', { params: { deployment_id } });
    } catch (error) {
      setTrouble(asTrouble(error));
    }
    await queries.invalidateQueries({ queryKey: ['deployments'] });
  };
  return (
    <>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div className="card flush scroll">
        <table>
          <caption className="visually-hidden">{t('title')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('why')}</th>
              <th scope="col">{t('namespace')}</th>
              <th scope="col">{t('owner')}</th>
              <th scope="col">{t('age')}</th>
              <th scope="col">{t('actions')}</th>
            </tr>
          </thead>
          <tbody>
            {deployments.map((deployment) => (
              <Row
                key={deployment.deployment_id}
                deployment={deployment}
                onDelete={(id) => void remove(id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ deployment, onDelete }: { deployment: Deployment; onDelete: (id: string) => void }) {
  const t = useTranslations('benchmarks');
  const { deployment_id, name, namespace, owner, state, message, objects, created_at } = deployment;
  const jobs = objects.filter(({ kind, name: job }) => kind === 'Job' && job !== null);
  return (
    <tr>
      <th scope="row">
        <Link href={`/benchmarks/${deployment_id}`} prefetch={false}>
          {name}
        </Link>
      </th>
      <td>
        <StateTag state={state} />
      </td>
      <td className="wide-cell">{message}</td>
      <td>{namespace}</td>
      <td className="short-cell" title={owner}>
        {owner}
      </td>
      <td>
        <Age at={created_at} />
      </td>
      <td>
        <div className="row">
          {state !== 'deleted' &&
            jobs.slice(0, 3).map((job) => (
              <Link
                key={job.name}
                className="button small"
                href={`/benchmarks/jobs/${namespace}/${job.name}`}
                prefetch={false}
              >
                {t('logAndTerminal')}
                <span className={jobs.length > 1 ? '' : 'visually-hidden'}> {job.name}</span>
              </Link>
            ))}
          {state !== 'deleted' && state !== 'deleting' && (
            <ConfirmButton
              className="button small danger"
              label={t('delete')}
              about={name}
              question={t('deleteQuestion', { name, count: objects.length })}
              onConfirm={() => onDelete(deployment_id)}
            />
          )}
        </div>
      </td>
    </tr>
  );
}
