import { useTranslations } from 'next-intl';
import type { ObjectReport, ObjectResult } from '@cloudemy/contracts';

const looks: Partial<Record<ObjectResult, string>> = {
  created: 'good',
  updated: 'busy',
  deleted: 'good',
  failed: 'bad',
  not_tried: 'warn',
};

/** What became, or would become, of each object. */
export function ObjectReports({ objects }: { objects: readonly ObjectReport[] }) {
  const t = useTranslations('result');
  return (
    <ul className="plain-list card">
      {objects.map((object) => (
        <li key={`${object.document} ${object.kind} ${object.name}`} className="stack-s">
          <span className="row">
            <span className={`tag ${looks[object.result] ?? ''}`}>{t(object.result)}</span>
            <strong>
              {object.kind} {object.name ?? t('generated')}
            </strong>
          </span>
          {object.message !== null && <span>{object.message}</span>}
          {object.warnings.map((warning) => (
            <span key={warning} className="hint">
              {warning}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
