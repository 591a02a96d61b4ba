// Writes the table of failures of packages/contracts into docs/failures.md. Run it after changing the table:
// node scripts/failures.mjs (with packages/contracts built).
import { readFileSync, writeFileSync } from 'node:fs';
import { failuresAsMarkdown } from '../packages/contracts/dist/index.js';

const file = new URL('../docs/failures.md', import.meta.url);
const mark = '<!-- table -->\n';
const [text] = readFileSync(file, 'utf8').split(mark);
writeFileSync(file, `${text}${mark}\n${failuresAsMarkdown()}`);
