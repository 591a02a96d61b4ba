/** What a cell holds; nothing for null. */
export type Cell = string | number | boolean | null;

/** Written first, so that spreadsheets read UTF-8. */
export const byteOrderMark = '\uFEFF';

/** A line as RFC 4180 has it, with its end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/**
 * Spreadsheets run a text that begins like a formula. An apostrophe before it makes it a text, see
 * https://owasp.org/www-community/attacks/CSV_Injection. Numbers are ours and stay.
 */
function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = /^[\s\p{Cf}]*[=+\-@|＝＋－＠]|^[\t\r\n]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
