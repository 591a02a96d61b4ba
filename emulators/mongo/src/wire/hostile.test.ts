import { describe, expect, it } from '@jest/globals';
import { BSON } from 'bson';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startHarness } from '../testing/harness.js';

const OP_MSG = 2013;

function header(length: number, operation: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(length, 0);
  bytes.writeInt32LE(operation, 12);
  return bytes;
}

function opMsg(flags: number, ...sections: Uint8Array[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(flags);
  const body = Buffer.concat([head, ...sections]);
  return Buffer.concat([header(16 + body.length, OP_MSG), body]);
}

function body(document: BSON.Document): Buffer {
  return Buffer.concat([Buffer.from([0]), BSON.serialize(document)]);
}

/** Sends bytes, half-closes, and gives everything the server answers until it ends the connection. */
async function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

const HOSTILE: readonly [string, Buffer][] = [
  ['text', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a huge length', header(0x7fffffff, OP_MSG)],
  ['a negative length', header(-1, OP_MSG)],
  ['a length below the header', header(3, OP_MSG)],
  ['an unknown operation', Buffer.concat([header(20, 1234), Buffer.alloc(4)])],
  ['a message without a body', opMsg(0)],
  ['a message of nothing but its header', header(16, OP_MSG)],
  ['unknown required flags', opMsg(0x8, body({ ping: 1, $db: 'test' }))],
  ['an unknown section', opMsg(0, Buffer.from([7]), BSON.serialize({}))],
  ['a section longer than its message', opMsg(0, Buffer.from([0, 255, 0, 0, 0, 0]))],
  ['a truncated message', opMsg(0, body({ ping: 1, $db: 'test' })).subarray(0, 25)],
  ['a cut OP_QUERY', Buffer.concat([header(22, 2004), Buffer.alloc(6)])],
];

describe('hostile bytes', () => {
  it.each(HOSTILE)('%s closes the connection and leaves the server alive', async (_name, bytes) => {
    await using harness = await startHarness();
    expect(await exchange(harness.server.port, bytes)).toHaveLength(0);
    expect(await harness.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('answers broken BSON with an error', async () => {
    await using harness = await startHarness();
    const broken = Buffer.from(BSON.serialize({ ping: 1, $db: 'test' }));
    broken[4] = 0x77;
    const reply = await exchange(harness.server.port, opMsg(0, Buffer.from([0]), broken));
    expect(BSON.deserialize(reply.subarray(21))).toMatchObject({ ok: 0, code: 22, codeName: 'InvalidBSON' });
  });

  it('reads messages that arrive byte by byte, with a checksum behind them', async () => {
    await using harness = await startHarness();
    const sections = Buffer.concat([body({ ping: 1, $db: 'test' }), Buffer.alloc(4)]);
    const socket = connect(harness.server.port, '127.0.0.1');
    socket.setNoDelay();
    const reply = once(socket, 'data');
    for (const byte of opMsg(1, sections)) socket.write(Buffer.from([byte]));
    const [answer] = (await reply) as [Buffer];
    socket.destroy();
    expect(BSON.deserialize(answer.subarray(21))).toMatchObject({ ok: 1 });
  });

  it('gives no answer to a write that wants none', async () => {
    await using harness = await startHarness();
    const insert = opMsg(2, body({ insert: 'quiet', documents: [{ _id: 1 }], $db: 'test' }));
    const ping = opMsg(0, body({ ping: 1, $db: 'test' }));
    const socket = connect(harness.server.port, '127.0.0.1');
    const reply = once(socket, 'data');
    socket.write(Buffer.concat([insert, ping]));
    const [answer] = (await reply) as [Buffer];
    socket.destroy();
    expect(answer.readInt32LE(0)).toBe(answer.length);
    expect(BSON.deserialize(answer.subarray(21))).toEqual({ ok: 1 });
    expect(await harness.db.collection('quiet').countDocuments({})).toBe(1);
  });
});
