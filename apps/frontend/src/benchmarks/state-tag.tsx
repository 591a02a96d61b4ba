import { useTranslations } from 'next-intl';
import type { DeploymentState, JobStatus, ObjectState } from '@cloudemy/contracts';

type State = DeploymentState | ObjectState | JobStatus['phase'];

const looks: Partial<Record<State, string>> = {
  active: 'good',
  complete: 'good',
  succeeded: 'good',
  running: 'busy',
  deploying: 'busy',
  progressing: 'busy',
  pending: 'busy',
  deleting: 'busy',
  terminating: 'busy',
  troubled: 'warn',
  suspended: 'warn',
  incomplete: 'bad',
  failed: 'bad',
  partly_gone: 'warn',
  unknown: 'warn',
};

/** The state of something deployed: a word, with a colour beside it. */
export function StateTag({ state }: { state: State }) {
  const t = useTranslations('state');
  return <span className={`tag ${looks[state] ?? ''}`}>{t(state)}</span>;
}
