import { useTranslations } from 'next-intl';
import type { SubmissionStatus } from '@cloudemy/contracts';

const looks: Record<SubmissionStatus, string> = {
  queued: 'busy',
  scheduled: 'busy',
  running: 'busy',
  graded: 'good',
  failed: 'bad',
  cancelled: '',
};

/** The state of a submission: a word, with a colour beside it. */
export function StatusTag({ status }: { status: SubmissionStatus }) {
  const t = useTranslations('status');
  return <span className={`tag ${looks[status]}`}>{t(status)}</span>;
}
