import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseManifests } from './parse-manifests.js';

const config = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  key: value\n`;

/** A name that is text as it stands: `on` and the like are booleans in YAML. */
const name = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/)
  .filter((text) => !/^(y|n|yes|no|on|off|true|false|null)$/.test(text));
const yaml = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.map(config).join('---\n'));

/** What stands before and behind YAML where it is copied from, and what is said of the first line of it. */
const WRAPPINGS: readonly (readonly [string, string, RegExp])[] = [
  ['```yaml', '```', /Markdown/],
  ['~~~', '~~~', /Markdown/],
  ['cat <<EOF | kubectl apply -f -', 'EOF', /heredoc/],
  ["kubectl apply -f - <<'END'", 'END', /heredoc/],
  ['$ cat job.yaml', '$ kubectl get pods', /shell command/],
  ['kubectl apply -f job.yaml', '', /shell command/],
  ['', 'EOF', /heredoc/],
  ['', '```', /Markdown/],
  ["@'", "'@ | kubectl apply -f -", /PowerShell/],
];

describe('what was pasted with what was around it', () => {
  it('is told for what it is, with its line, whatever the YAML and however it is indented', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...WRAPPINGS),
        yaml,
        fc.nat(2),
        fc.nat(4),
        async ([open, close, words], text, blank, indent) => {
          const lines = [...Array<string>(blank).fill(''), ...(open === '' ? [] : [open])];
          const all = [...lines, ...text.trimEnd().split('\n'), ...(close === '' ? [] : [close])];
          const pasted = all.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n');
          const { problems } = await parseManifests(pasted);
          expect(problems[0]?.message).toMatch(words);
          expect(problems[0]?.line).toBe(open === '' ? all.length : lines.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is no wrapping when it stands inside a value', async () => {
    for (const [open, close] of WRAPPINGS) {
      const text = `${config('c')}  script: |\n    ${open}\n    x: {{ .y }}\n    ${close}\n`;
      expect((await parseManifests(text)).problems).toEqual([]);
    }
  });

  it('is said of spaces that only look like some, wherever they indent a line', async () => {
    const odd = fc.constantFrom('\u00a0', '\u2003', '\u3000', '\u200b');
    await fc.assert(
      fc.asyncProperty(yaml, odd, fc.nat(), async (text, space, which) => {
        const lines = text.split('\n');
        const indented = lines.flatMap((line, i) => (line.startsWith('  ') ? [i] : []));
        const at = indented[which % indented.length] ?? 0;
        lines[at] = (lines[at] ?? '').replaceAll(/^ +/g, (indent) => space.repeat(indent.length));
        const { problems } = await parseManifests(lines.join('\n'));
        const about = problems.filter(({ message }) => /space/.test(message));
        expect(about.map(({ line }) => line)).toContain(at + 1);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a template', `${config('c')}  n: {{ .Values.n }}\n`, /template/, 7],
    ['the control line of a template', `{{- if .Values.on }}\n${config('c')}{{- end }}\n`, /template/, 1],
    ['a no-break space behind a colon', 'apiVersion:\u00a0v1\nkind: ConfigMap\n', /follows the colon/, 1],
    ['two keys in a line', config('a: b'), /a second "key: value"/, 4],
    [
      'a line that is not indented like the others',
      config('c').replace('  key', ' key') + '  b: c\n',
      /indent/,
      6,
    ],
    [
      'a Kustomization',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a]\n',
      /kubectl kustomize/,
      1,
    ],
    ['a Kustomization without a kind', 'resources:\n- job.yaml\n', /kubectl kustomize/, 1],
    ['a chart', 'apiVersion: v2\nname: bench\nversion: 1.0.0\n', /helm template/, 1],
    ['a Compose file', 'services:\n  web: {image: x}\n', /Docker Compose/, 1],
    ['a kubeconfig', 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\n', /kubeconfig/, 1],
    [
      'another version of YAML',
      `${config('c')}---\n${config('d')}...\n%YAML 9.9\n---\n${config('e')}`,
      /%YAML 9\.9/,
      15,
    ],
  ])('%s is told so', async (_what, text, words, line) => {
    const [problem] = (await parseManifests(text)).problems;
    expect(problem?.message).toMatch(words);
    expect(problem?.line).toBe(line);
  });
});

describe('files that were put together', () => {
  it('may each begin with a byte order mark', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (names, before) => {
          const files = names.map((one) =>
            before ? `\uFEFF---\n${config(one)}` : `---\n\uFEFF${config(one)}`,
          );
          const { documents, problems } = await parseManifests(files.join(''));
          expect(problems).toEqual([]);
          expect(documents.map((document) => document.name)).toEqual(names);
        },
      ),
    );
  });

  it('may be JSON objects one after the other, as kubectl takes them', async () => {
    const space = fc.constantFrom('', '\n', '  ', '\n\n');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name, data: fc.dictionary(fc.string(), fc.string()) }), {
          minLength: 1,
          maxLength: 5,
        }),
        space,
        fc.nat(2),
        async (parts, gap, indent) => {
          const objects = parts.map(({ name: one, data }) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: one },
            data,
          }));
          const text = objects.map((object) => JSON.stringify(object, null, indent)).join(`\n${gap}`);
          fc.pre(!/[\u007f-\u009f\ufffe\uffff\ufeff]/.test(text));
          const { documents, problems } = await parseManifests(text);
          expect(problems).toEqual([]);
          expect(documents.map(({ object }) => JSON.stringify(object))).toEqual(
            objects.map((object) => JSON.stringify(object)),
          );
          expect(documents.map(({ index }) => index)).toEqual(objects.map((_, i) => i + 1));
        },
      ),
    );
  });
});
