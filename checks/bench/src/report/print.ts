import { availableParallelism, loadavg } from 'node:os';
import { type Report, type Row, meetsGoals } from './report.js';

/** A table for people and one JSON line for programs. */
export function print(report: Report, write: (text: string) => void): void {
  const machine = { cores: availableParallelism(), load: Number((loadavg()[0] ?? 0).toFixed(1)) };
  const { bench, rounds, about, rows, notes = [] } = report;
  write(`${bench}: ${about}\n`);
  write(
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}, rivals in turn; ${machine.cores} cores, load ${machine.load}\n\n`,
  );
  const table = [['', 'min', 'median', 'max', '', 'ratio', 'goal'], ...rows.map(cellsOf)];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
    });
    write(`  ${cells.join('  ').trimEnd()}\n`);
  }
  for (const note of notes) write(`  ${note}\n`);
  write(`\n${JSON.stringify({ ...report, machine, ok: meetsGoals(report) })}\n`);
}

const isNumber = (column: number): boolean => (column >= 1 && column <= 3) || column === 5;

function cellsOf({ what, unit, min, median, max, ratio, goal }: Row): string[] {
  const figures = [min, median, max].map((value) => value.toLocaleString('en-US'));
  const words =
    goal === undefined
      ? ''
      : `${goal.of === 'max' ? 'max ' : ''}${goal.is} ${goal.bound}: ${goal.met ? 'met' : 'MISSED'}`;
  return [what, ...figures, unit, ratio === undefined ? '' : `${ratio.toFixed(2)}x`, words];
}
