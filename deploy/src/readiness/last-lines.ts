import { text } from 'node:stream/consumers';
import { type KubeApi, type Pod, openLog } from '@cloudemy/k8s';
import { isAccessLine, readableLine } from './readable-line.js';

/** Lines of a log that are shown of a container that does not get ready. */
const shownLines = 5;
/** Among so many they are looked for: requests fill a log between two lines that tell something. */
const readLines = 200;

/**
 * What a pod's container said last, each line after a line break; empty when there is no log.
 *
 * @param previous of the run before the last restart
 */
export async function lastLines(api: KubeApi, pod: Pod, previous: boolean): Promise<string> {
  const { namespace = '', name = '' } = pod.metadata;
  try {
    const log = await openLog(api, { namespace, pod: name, previous, tailLines: readLines });
    const lines = (await text(log)).split('\n').filter((line) => line !== '' && !isAccessLine(line));
    const shown = lines.slice(-shownLines).map((line) => `\n      ${readableLine(line)}`);
    return shown.join('');
  } catch {
    return '';
  }
}
