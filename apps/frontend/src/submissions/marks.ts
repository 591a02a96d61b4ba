import type { Submission } from '@cloudemy/contracts';
import type { Mark } from './marking.tsx';

/** The lines that the criteria of a submission speak of. */
export const marksOf = ({ criteria, files }: Pick<Submission, 'criteria' | 'files'>): Mark[] =>
  criteria.flatMap(({ criterion_id, file, start_line: from, end_line: to }) =>
    typeof from !== 'number'
      ? []
      : [{ criterion: criterion_id, file: file ?? files[0]?.path ?? '', from, to: to ?? from }],
  );
