// Writes the authorisation tables of packages/contracts into docs/authorisation.md. Run it after changing them:
// node scripts/authorisation.mjs (with packages/contracts built).
import { readFileSync, writeFileSync } from 'node:fs';
import { accessAsMarkdown } from '../packages/contracts/dist/index.js';

const file = new URL('../docs/authorisation.md', import.meta.url);
const mark = '<!-- table -->\n';
const [text] = readFileSync(file, 'utf8').split(mark);
writeFileSync(file, `${text}${mark}\n${accessAsMarkdown()}`);
