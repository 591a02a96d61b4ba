import { decode, type Document } from '../bson/document.js';
import { HEADER_BYTES, ProtocolError } from './framing.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Bits 0 to 15 must be understood. */
const REQUIRED_BITS = 0xffff;
const CHECKSUM_BYTES = 4;

/** One command as it came over the wire. */
export interface Request {
  readonly requestId: number;
  readonly kind: 'msg' | 'query';
  /** False for a write the client wants no answer to. */
  readonly wantsReply: boolean;
  /** The command, with document sequences put in as its arrays, and `$db`. */
  readonly command: Document;
}

/**
 * Reads a whole message.
 * @throws ProtocolError for an operation or a layout this server does not speak
 * @throws CommandError 22 for bytes that are no BSON
 */
export function parseMessage(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const operation = message.readInt32LE(12);
  const body = message.subarray(HEADER_BYTES);
  if (operation === OP_MSG) return parseMsg(body, requestId);
  if (operation === OP_QUERY) return parseQuery(body, requestId);
  throw new ProtocolError(`operation ${operation} is not supported`);
}

function parseMsg(body: Buffer, requestId: number): Request {
  if (body.length < 5) throw new ProtocolError('OP_MSG is cut off');
  const flags = body.readUInt32LE(0);
  if ((flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) {
    throw new ProtocolError(`OP_MSG has unknown required flags ${flags}`);
  }
  const end = flags & CHECKSUM_PRESENT ? body.length - CHECKSUM_BYTES : body.length;
  let command: Document | undefined;
  const sequences: Document = {};
  for (let at = 4; at < end;) {
    const kind = body[at++];
    const size = sizeAt(body, at, end);
    const section = body.subarray(at, at + size);
    if (kind === 0 && command === undefined) command = decode(section);
    else if (kind === 1) readSequence(section, sequences);
    else throw new ProtocolError(`OP_MSG section of kind ${kind}`);
    at += size;
  }
  if (!command) throw new ProtocolError('OP_MSG has no body');
  return {
    requestId,
    kind: 'msg',
    wantsReply: (flags & MORE_TO_COME) === 0,
    command: { ...command, ...sequences },
  };
}

function readSequence(section: Buffer, into: Document): void {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new ProtocolError('document sequence without a name');
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = sizeAt(section, at, section.length);
    documents.push(decode(section.subarray(at, at + size)));
    at += size;
  }
  into[section.toString('utf8', 4, nameEnd)] = documents;
}

function sizeAt(bytes: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? bytes.readInt32LE(at) : 0;
  if (size < 5 || at + size > end) throw new ProtocolError('a section is longer than its message');
  return size;
}

/** OP_QUERY is how drivers say hello first; nothing else may use it any more. */
function parseQuery(body: Buffer, requestId: number): Request {
  const nameEnd = body.indexOf(0, 4);
  const at = nameEnd + 9;
  if (nameEnd < 0 || at + 5 > body.length) throw new ProtocolError('OP_QUERY is cut off');
  const database = body.toString('utf8', 4, nameEnd).split('.', 1)[0];
  const document = decode(body.subarray(at, at + sizeAt(body, at, body.length)));
  return { requestId, kind: 'query', wantsReply: true, command: { ...document, $db: database } };
}

/** Builds the answer to a request, in the form the request came in. */
export function buildReply(
  request: Pick<Request, 'requestId' | 'kind'>,
  document: Uint8Array,
  replyId: number,
): Buffer {
  const prefix = request.kind === 'msg' ? Buffer.alloc(5) : replyPrefix();
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prefix.length + document.length, 0);
  header.writeInt32LE(replyId, 4);
  header.writeInt32LE(request.requestId, 8);
  header.writeInt32LE(request.kind === 'msg' ? OP_MSG : OP_REPLY, 12);
  return Buffer.concat([header, prefix, document]);
}

/** Flags, cursor id (int64), starting position, and the number of documents: one. */
function replyPrefix(): Buffer {
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(8, 0);
  prefix.writeInt32LE(1, 16);
  return prefix;
}
