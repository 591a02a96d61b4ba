'use client';

import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { pickLines, usePickedLines, withLine } from './picked-lines.ts';

/** The lines that a criterion speaks of. */
export interface Mark {
  criterion: string;
  file: string;
  from: number;
  to: number;
}

/**
 * Makes code and criteria, which the server wrote, mark each other: a button that names a criterion marks its lines and
 * goes to them; a click on a marked line chooses its criterion. Lines are picked by their numbers, or in the code by arrow
 * keys, with Shift for several.
 */
export function Marking({ marks, children }: { marks: readonly Mark[]; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState('');
  const picked = usePickedLines();
  /** Where arrow keys are; the other end of several lines stays. */
  const at = useRef(0);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    for (const line of linesOf(current)) {
      const marking = marks.filter((mark) => isIn(mark, line));
      if (marking.length === 0) delete line.dataset['marked'];
      else line.dataset['marked'] = marking.some(({ criterion }) => criterion === chosen) ? 'chosen' : 'yes';
      if (picked !== undefined && isIn(picked, line)) line.dataset['picked'] = '';
      else delete line.dataset['picked'];
    }
    for (const card of current.querySelectorAll<HTMLElement>('[data-criterion]')) {
      if (card.dataset['criterion'] === chosen) card.dataset['chosen'] = '';
      else delete card.dataset['chosen'];
    }
  }, [marks, chosen, picked, children]);
  useEffect(() => () => pickLines(undefined), []);

  const show = (asked: string): void => {
    setChosen(asked === chosen ? '' : asked);
    const mark = marks.find(({ criterion }) => criterion === asked);
    if (mark === undefined || box.current === null) return;
    linesOf(box.current)
      .find((one) => isIn(mark, one))
      ?.scrollIntoView({ block: 'center' });
  };
  const pick = (file: string, line: number, extend: boolean): void => {
    at.current = line;
    pickLines(withLine(picked, file, line, extend));
  };
  const onClick = ({ target, shiftKey }: MouseEvent): void => {
    if (!(target instanceof Element)) return;
    const asked = target.closest<HTMLElement>('[data-show]')?.dataset['show'];
    if (asked !== undefined) {
      show(asked);
      return;
    }
    const line = target.closest<HTMLElement>('[data-line]');
    if (line === null) return;
    if (target.matches('[data-pick]')) {
      pick(line.dataset['file'] ?? '', Number(line.dataset['line']), shiftKey);
      return;
    }
    const mark = marks.find((one) => isIn(one, line));
    if (mark === undefined) return;
    setChosen(mark.criterion);
    box.current
      ?.querySelector(`[data-criterion="${CSS.escape(mark.criterion)}"]`)
      ?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { target, key, shiftKey } = event;
    if (!(target instanceof HTMLElement) || target.dataset['code'] === undefined) return;
    if (key === 'Escape') pickLines(undefined);
    if (key !== 'ArrowDown' && key !== 'ArrowUp') return;
    event.preventDefault();
    const file = target.dataset['code'];
    const known = picked?.file === file ? at.current : 0;
    const next = Math.max(1, Math.min(target.childElementCount, known + (key === 'ArrowDown' ? 1 : -1)));
    pick(file, next, shiftKey);
    target.children.item(next - 1)?.scrollIntoView({ block: 'nearest' });
  };

  return (
    // The way by keyboard is the button of each criterion, and arrow keys in the code.
    <div ref={box} className="split" onClick={onClick} onKeyDown={onKeyDown} role="presentation">
      {children}
    </div>
  );
}

const linesOf = (box: HTMLElement): HTMLElement[] => [...box.querySelectorAll<HTMLElement>('[data-line]')];

const isIn = ({ file, from, to }: Omit<Mark, 'criterion'>, { dataset }: HTMLElement): boolean =>
  dataset['file'] === file && Number(dataset['line']) >= from && Number(dataset['line']) <= to;
