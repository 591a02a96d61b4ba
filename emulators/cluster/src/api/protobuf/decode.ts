import { asObject, asString, at } from '../../json.js';
import type { JsonObject } from '../../json.js';
import { ApiError, badRequest } from '../../store/api-error.js';
import type { Field, Message } from './reader.js';
import { ProtobufReader } from './reader.js';

/** The four bytes every Kubernetes protobuf body begins with. */
const MAGIC = Buffer.from('k8s\0');

const text = (name: string): Field => ({ name, type: 'string' });
const message = (name: string, of: Message): Field => ({ name, type: 'message', of });

/** `runtime.Unknown`, the envelope. Its `raw` is read apart. */
const typeMeta: Message = { 1: text('apiVersion'), 2: text('kind') };

const metadata: Message = {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  11: { name: 'labels', type: 'map', values: 'string' },
  12: { name: 'annotations', type: 'map', values: 'string' },
};
const resourceAttributes: Message = {
  1: text('namespace'),
  2: text('verb'),
  3: text('group'),
  4: text('version'),
  5: text('resource'),
  6: text('subresource'),
  7: text('name'),
};
const nonResourceAttributes: Message = { 1: text('path'), 2: text('verb') };
const accessSpec: Message = {
  1: message('resourceAttributes', resourceAttributes),
  2: message('nonResourceAttributes', nonResourceAttributes),
};
const boundObject: Message = { 1: text('kind'), 2: text('apiVersion'), 3: text('name'), 4: text('uid') };
const tokenSpec: Message = {
  1: { name: 'audiences', type: 'strings' },
  3: message('boundObjectRef', boundObject),
  4: { name: 'expirationSeconds', type: 'int' },
};
const deleteOptions: Message = { 1: { name: 'gracePeriodSeconds', type: 'int' } };

/**
 * The messages that kubectl sends in protobuf only, with the field numbers of the `generated.proto` files of
 * Kubernetes 1.36. What else it creates by command it can also apply as a file.
 */
const messages: Readonly<Record<string, Message>> = {
  SelfSubjectAccessReview: { 1: message('metadata', metadata), 2: message('spec', accessSpec) },
  SelfSubjectRulesReview: {
    1: message('metadata', metadata),
    2: message('spec', { 1: text('namespace') }),
  },
  TokenRequest: { 1: message('metadata', metadata), 2: message('spec', tokenSpec) },
  Eviction: { 1: message('metadata', metadata), 2: message('deleteOptions', deleteOptions) },
  Namespace: { 1: message('metadata', metadata) },
  ServiceAccount: { 1: message('metadata', metadata) },
  ConfigMap: {
    1: message('metadata', metadata),
    2: { name: 'data', type: 'map', values: 'string' },
    3: { name: 'binaryData', type: 'map', values: 'base64' },
    4: { name: 'immutable', type: 'bool' },
  },
  Secret: {
    1: message('metadata', metadata),
    2: { name: 'data', type: 'map', values: 'base64' },
    3: text('type'),
    4: { name: 'stringData', type: 'map', values: 'string' },
    5: { name: 'immutable', type: 'bool' },
  },
  DeleteOptions: {
    1: { name: 'gracePeriodSeconds', type: 'int' },
    4: text('propagationPolicy'),
    5: { name: 'dryRun', type: 'strings' },
  },
};

/**
 * Reads a protobuf body of one of the kinds above.
 * @throws ApiError 415 for other kinds, so that a client may send JSON, and 400 for what does not parse.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix k8s');
  }
  const unknown = new ProtobufReader(body.subarray(MAGIC.length)).message({
    1: message('typeMeta', typeMeta),
  });
  const kind = asString(at(unknown, 'typeMeta', 'kind')) ?? '';
  const type = messages[kind];
  const raw = new ProtobufReader(body.subarray(MAGIC.length)).bytesOf(2);
  if (type === undefined) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      `the embedded cluster reads no protobuf of kind ${kind}: send JSON or YAML (kubectl apply -f)`,
    );
  }
  return { ...asObject(unknown['typeMeta']), ...new ProtobufReader(raw).message(type) };
}
