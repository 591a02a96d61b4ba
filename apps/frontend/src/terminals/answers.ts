/** What follows the escape: CSI … c n R t y, OSC … and DCS …: no key sends these, but for Shift-F3 in a few modes. */
const answer = /^(?:\[[?>=]?[\d;]*\$?[cnRty]$|[\]P].)/;

/**
 * Whether the terminal emulator wrote this by itself, asked by the program for what it is, where the cursor stands
 * or which colours it has (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). Answers and keys come out of
 * the emulator by the same way, but an answer to a question from long ago would be typed into the shell.
 */
export const isAnswer = (text: string): boolean => text.startsWith('\x1b') && answer.test(text.slice(1));
