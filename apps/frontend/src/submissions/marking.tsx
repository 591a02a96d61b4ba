'use client';

import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react';

/** The lines that a criterion speaks of. */
export interface Mark {
  criterion: string;
  file: string;
  from: number;
  to: number;
}

/**
 * Makes code and criteria, which the server wrote, mark each other: a button that names a criterion marks its lines and
 * goes to them; a click on a marked line chooses its criterion.
 */
export function Marking({ marks, children }: { marks: readonly Mark[]; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState('');
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    for (const line of current.querySelectorAll<HTMLElement>('[data-line]')) {
      const marking = marks.filter((mark) => isIn(mark, line));
      if (marking.length === 0) delete line.dataset['marked'];
      else line.dataset['marked'] = marking.some(({ criterion }) => criterion === chosen) ? 'chosen' : 'yes';
    }
    for (const card of current.querySelectorAll<HTMLElement>('[data-criterion]')) {
      if (card.dataset['criterion'] === chosen) card.dataset['chosen'] = '';
      else delete card.dataset['chosen'];
    }
  }, [marks, chosen, children]);

  const onClick = ({ target }: MouseEvent): void => {
    if (!(target instanceof Element)) return;
    const asked = target.closest<HTMLElement>('[data-show]')?.dataset['show'];
    if (asked !== undefined) {
      setChosen(asked === chosen ? '' : asked);
      const mark = marks.find(({ criterion }) => criterion === asked);
      if (mark === undefined) return;
      const line = [...(box.current?.querySelectorAll<HTMLElement>('[data-line]') ?? [])].find((one) =>
        isIn(mark, one),
      );
      line?.scrollIntoView({ block: 'center' });
      return;
    }
    const line = target.closest<HTMLElement>('[data-line]');
    const mark = line === null ? undefined : marks.find((one) => isIn(one, line));
    if (mark === undefined) return;
    setChosen(mark.criterion);
    box.current
      ?.querySelector(`[data-criterion="${CSS.escape(mark.criterion)}"]`)
      ?.scrollIntoView({ block: 'nearest' });
  };

  return (
    // The way by keyboard is the button of each criterion.
    <div ref={box} className="split" onClick={onClick} role="presentation">
      {children}
    </div>
  );
}

const isIn = ({ file, from, to }: Mark, { dataset }: HTMLElement): boolean =>
  dataset['file'] === file && Number(dataset['line']) >= from && Number(dataset['line']) <= to;
