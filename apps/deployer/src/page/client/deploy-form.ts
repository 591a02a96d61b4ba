import { ApiError, type Yaml, api, inWords } from './api.js';
import { button, byId, element } from './dom.js';
import { exampleYaml } from './example.js';

/** @param onChange called when something was deployed or deleted */
export function setUpDeployForm(onChange: () => void): void {
  const form = byId('deploy-form', HTMLFormElement);
  const text = byId('yaml', HTMLTextAreaElement);
  const namespace = byId('namespace', HTMLInputElement);
  const dryRun = byId('dry-run', HTMLInputElement);
  const result = byId('deploy-result', HTMLElement);
  text.value = exampleYaml;

  const run = async (action: string): Promise<void> => {
    const yaml: Yaml = {
      yaml_content: text.value,
      namespace: namespace.value.trim(),
      dry_run: dryRun.checked,
    };
    const buttons = [...form.querySelectorAll('button')];
    for (const each of buttons) each.disabled = true;
    result.replaceChildren(element('p', { className: 'note' }, 'Working …'));
    try {
      const answer = action === 'delete' ? await api.delete(yaml) : await api.deploy(yaml);
      const objects = answer.objects.map(({ kind, name, result, message }) =>
        element('li', {}, `${kind} ${name ?? ''}: ${result}${message === null ? '' : `, ${message}`}`),
      );
      result.replaceChildren(
        element('p', { className: 'good' }, answer.message),
        element('ul', {}, ...objects),
      );
    } catch (error) {
      result.replaceChildren(...describeError(error, text));
    }
    for (const each of buttons) each.disabled = false;
    onChange();
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void run(event.submitter instanceof HTMLButtonElement ? event.submitter.value : 'deploy');
  });
}

/** All that is wrong at once; a click on a line number goes there. */
function describeError(error: unknown, text: HTMLTextAreaElement): HTMLElement[] {
  const problems = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  const items = problems.map(({ line, path, reason }) => {
    const words = `${path === '' ? '' : `${path}: `}${reason}`;
    if (line === undefined) return element('li', {}, words);
    return element(
      'li',
      {},
      button(`Line ${line}`, () => selectLine(text, line)),
      ` ${words}`,
    );
  });
  return [element('p', { className: 'bad' }, inWords(error)), element('ul', {}, ...items)];
}

function selectLine(text: HTMLTextAreaElement, line: number): void {
  const lines = text.value.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
}
