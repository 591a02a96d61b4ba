'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { PodStatus } from '@cloudemy/contracts';
import { callBench } from '../data/browser.ts';
import { asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { useDock } from '../terminals/dock.tsx';

const shells = ['/bin/bash', '/bin/sh'] as const;

interface Given {
  job: string;
  namespace: string;
  pods: readonly PodStatus[];
}

/** Chooses pod, container and shell, and opens a terminal there. */
export function OpenTerminalForm({ job, namespace, pods }: Given) {
  const t = useTranslations('terminal');
  const dock = useDock();
  const running = pods.filter(({ phase }) => phase === 'Running');
  const [podName, setPodName] = useState('');
  const [containerName, setContainerName] = useState('');
  const [shell, setShell] = useState<string>(shells[0]);
  const pod = running.find(({ name }) => name === podName) ?? running.at(-1);
  const containers = (pod?.containers ?? []).filter(({ state }) => state === 'running');
  const container = containers.find(({ name }) => name === containerName) ?? containers[0];
  const opening = useMutation({
    mutationFn: () =>
      callBench('createTerminal', {
        body: {
          job_name: job,
          namespace,
          shell,
          ...(pod === undefined ? {} : { pod_name: pod.name }),
          ...(container === undefined ? {} : { container_name: container.name }),
        },
      }),
    onSuccess: (session) => dock.open(session),
  });
  return (
    <div className="stack-s">
      <div className="row">
        <Choice
          label={t('pod')}
          value={pod?.name ?? ''}
          options={running.map(({ name }) => name)}
          onChoose={setPodName}
        />
        <Choice
          label={t('container')}
          value={container?.name ?? ''}
          options={containers.map(({ name }) => name)}
          onChoose={setContainerName}
        />
        <Choice label={t('shell')} value={shell} options={shells} onChoose={setShell} />
        <button
          type="button"
          className="button main"
          disabled={pod === undefined || opening.isPending}
          onClick={() => opening.mutate()}
        >
          {t('open')}
        </button>
      </div>
      {pod === undefined && <p className="hint">{t('noPod')}</p>}
      {opening.isError && <TroubleNotice trouble={asTrouble(opening.error)} title={t('refused')} />}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly string[];
  onChoose: (value: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label className="field-inline">
      <span>{label}</span>
      <select value={value} disabled={options.length === 0} onChange={({ target }) => onChoose(target.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
