import type { DeployedObject, Deployment } from '@cloudemy/contracts';
import { api, inWords } from './api.js';
import { button, byId, element } from './dom.js';
import { poll } from './poll.js';

const everyMs = 3_000;

/** What can be done with a Job of the list. */
export interface JobActions {
  followLog(job: string, namespace: string): void;
  openTerminal(job: string, namespace: string): void;
}

/**
 * Shows the deployments with their live states.
 *
 * @returns looks again at once
 */
export function setUpDeploymentList(actions: JobActions): () => void {
  const list = byId('deployments', HTMLUListElement);
  const note = byId('deployments-note', HTMLElement);
  let shown = '';

  const say = (words: string, bad = false): void => {
    note.textContent = words;
    note.className = bad ? 'bad' : 'note';
  };
  const remove = async ({ deployment_id, name }: Deployment): Promise<void> => {
    if (!window.confirm(`Delete ${name} with all its objects?`)) return;
    try {
      say((await api.deleteDeployment(deployment_id)).message);
    } catch (error) {
      say(inWords(error), true);
    }
    refresh();
  };
  const show = (deployment: Deployment): HTMLElement =>
    element(
      'li',
      {},
      element(
        'div',
        { className: 'row' },
        element('strong', {}, deployment.name),
        element('span', {}, deployment.namespace),
        state(deployment.state),
        button('Delete', () => void remove(deployment)),
      ),
      element('ul', {}, ...deployment.objects.map((object) => showObject(object, actions))),
    );
  const refresh = poll(everyMs, async () => {
    try {
      const { items } = await api.deployments();
      say(items.length === 0 ? 'Nothing is deployed.' : '');
      // What did not change stays, and with it the focus and the text that somebody is selecting.
      const now = JSON.stringify(items);
      if (now !== shown) list.replaceChildren(...items.map(show));
      shown = now;
    } catch (error) {
      say(inWords(error), true);
    }
  });
  return refresh;
}

function showObject(object: DeployedObject, actions: JobActions): HTMLElement {
  const { kind, name, namespace, message } = object;
  const item = element('li', {}, `${kind} ${name ?? ''}`, state(object.state));
  if (message !== '') item.append(element('span', { className: 'note' }, message));
  if (kind !== 'Job' || name === null || object.uid === null) return item;
  const why = element('p', { className: 'note' });
  item.append(
    button('Why?', () => void explain(name, namespace, why)),
    button('Log', () => actions.followLog(name, namespace)),
    button('Terminal', () => actions.openTerminal(name, namespace)),
    why,
  );
  return item;
}

/** The Job's state and that of each pod, in words. */
async function explain(job: string, namespace: string, into: HTMLElement): Promise<void> {
  try {
    const { message, pods } = await api.jobStatus(job, namespace);
    const each = pods.map((pod) => `${pod.name}: ${pod.message ?? pod.phase}`);
    into.textContent = [message, ...each].join(' · ');
  } catch (error) {
    into.textContent = inWords(error);
  }
}

const bad = new Set([
  'failed',
  'troubled',
  'incomplete',
  'partly_gone',
  'gone',
  'replaced',
  'unknown',
  'not_created',
]);
const good = new Set(['active', 'complete']);

const state = (word: string): HTMLElement =>
  element(
    'span',
    { className: bad.has(word) ? 'bad' : good.has(word) ? 'good' : 'note' },
    word.replaceAll('_', ' '),
  );
