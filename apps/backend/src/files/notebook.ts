import { Language } from '@cloudemy/contracts';
import { extensionOf } from '@cloudemy/grading';
import { z } from 'zod';
import { refused } from './refused.js';

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))]);

/** What counts of nbformat 4: https://nbformat.readthedocs.io/en/latest/format_description.html */
const Notebook = z.object({
  nbformat: z.literal(4),
  metadata: z
    .object({
      kernelspec: z.object({ language: z.string().optional() }).optional(),
      language_info: z.object({ name: z.string().optional() }).optional(),
    })
    .optional(),
  cells: z.array(z.object({ cell_type: z.string(), source: text })),
});

/** A cell as a file of its own. */
export interface Cell {
  path: string;
  content: string;
}

/**
 * Takes a notebook apart: cells of code become files in its language, other cells text, in order; outputs are left out.
 *
 * @param otherwise its language when it does not say
 * @throws ProblemError `invalid_request` for what is no notebook
 */
export function cellsOf(path: string, content: string, where: string, otherwise: Language): Cell[] {
  const notebook = Notebook.safeParse(parsed(content));
  if (!notebook.success) {
    throw refused(where, 'is no Jupyter notebook of format 4: save it anew, or hand in its code as .py');
  }
  const { metadata, cells } = notebook.data;
  const said = Language.safeParse(
    (metadata?.language_info?.name ?? metadata?.kernelspec?.language ?? '').toLowerCase(),
  );
  const ending = extensionOf(said.success ? said.data : otherwise);
  const width = Math.max(2, String(cells.length).length);
  return cells.flatMap(({ cell_type, source }, at) => {
    if (source.trim() === '') return [];
    const number = String(at + 1).padStart(width, '0');
    const name = cell_type === 'code' ? `cell-${number}.${ending}` : `cell-${number}.md`;
    return [{ path: `${path}/${name}`, content: source.toWellFormed() }];
  });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
