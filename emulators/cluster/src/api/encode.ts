import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { apiVersion } from '../schema/kinds.js';

/** Stored objects never change, so each is written out once for all readers. */
const texts = new WeakMap<KubeObject, string>();

/** An object as JSON, with `kind` and `apiVersion` in front. */
export function encodeObject(object: KubeObject): string {
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    // Without a version or a time (dry run) the field is left out rather than empty.
    if (object.metadata.resourceVersion === '') {
      text = text.replace('"resourceVersion":"",', '');
    }
    texts.set(object, text);
  }
  return text;
}

/** An object as an item of a list: without `kind` and `apiVersion`. */
function encodeItem(object: KubeObject, head: string): string {
  const text = encodeObject(object);
  return text.startsWith(head) ? `{${text.slice(head.length)}` : text;
}

export interface ListMetadata {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** A typed list as JSON, put together from the texts of its items. */
export function encodeList(info: KindInfo, metadata: ListMetadata, items: readonly KubeObject[]): string {
  const version = apiVersion(info);
  const head = `{"kind":"${info.kind}","apiVersion":"${version}",`;
  const texts = items.map((item) => encodeItem(item, head));
  return `{"kind":"${info.kind}List","apiVersion":"${version}","metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`;
}
