import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Actor, notSignedIn } from '@cloudemy/auth';
import { WebSocket } from 'ws';
import { TerminalClient } from './testing/terminal-client.js';
import { TerminalBench, type TerminalHost } from './testing/terminal-host.js';
import { Tickets } from './tickets.js';

const page = 'http://localhost:3000';
const ann: Actor = { userId: 'ann', roles: ['runner-operator'] };
const bob: Actor = { userId: 'bob', roles: ['runner-operator'] };
const root: Actor = { userId: 'root', roles: ['admin'] };

let bench: TerminalBench;
let host: TerminalHost;
/** Whose access token is good for what right now: by the token, which is the user's id. */
let people: Map<string, Actor>;
let asked = 0;

beforeAll(async () => {
  bench = await TerminalBench.start();
  await bench.runJob('sleeper');
  await bench.untilReady('sleeper');
  host = await bench.serve({}, async (authorization) => {
    const actor = people.get(authorization?.replace('Bearer ', '') ?? '');
    if (actor === undefined) throw notSignedIn();
    return actor;
  });
});
afterAll(async () => {
  await host.close();
  await bench.close();
});
beforeEach(() => {
  people = new Map([ann, bob, root].map((actor) => [actor.userId, actor]));
});

const as = ({ userId }: Actor, origin?: string) => ({
  headers: { authorization: `Bearer ${userId}`, ...(origin && { origin }) },
});
const open = (actor = ann, origin?: string) =>
  host.api.createTerminal({ body: { job_name: 'sleeper', shell: '/bin/sh' } }, as(actor, origin));
const ticket = async (session_id: string, actor = ann, origin?: string) =>
  (await host.api.createTerminalTicket({ params: { session_id } }, as(actor, origin))).websocket_url;

/** How a connection ends that is not let in. */
async function refused(url: string, origin?: string) {
  const client = await TerminalClient.connect(url, undefined, origin);
  const { reason } = await client.frame('exit');
  const { code } = await client.closed;
  return `${code} ${reason}`;
}

/** Proves that the terminal works: what it is asked for is new each time. */
async function expectToType(client: TerminalClient): Promise<void> {
  const number = (asked += 1);
  client.type(`echo "<$((${number}+1000))>"\n`);
  await client.until(`<${number + 1_000}>`);
}

describe('a ticket', () => {
  it('is good for one connection, and the next one takes another', async () => {
    const { session_id, websocket_url } = await open();
    await expectToType(await TerminalClient.connect(websocket_url));
    expect(await refused(websocket_url)).toBe('4401 bad_ticket');
    await expectToType(await TerminalClient.connect(await ticket(session_id)));
  });

  it('is needed, whether there is such a session or not', async () => {
    const { session_id, websocket_url } = await open();
    const bare = websocket_url.replace(/\?.*/, '');
    expect(await refused(bare)).toBe('4401 bad_ticket');
    expect(await refused(`${bare}?ticket=AAAA`)).toBe('4401 bad_ticket');
    expect(await refused(bare.replace(session_id, 'A'.repeat(32)))).toBe('4401 bad_ticket');
    const { items } = await host.api.listTerminals({}, as(ann));
    expect(items.map((item) => item.websocket_url)).toContain(bare);
  });

  it('for one session opens no other, and is used up by the try', async () => {
    const [first, second] = [await open(), await open()];
    const foreign = first.websocket_url.replace(first.session_id, second.session_id);
    expect(await refused(foreign)).toBe('4401 bad_ticket');
    expect(await refused(first.websocket_url)).toBe('4401 bad_ticket');
  });

  it('is for pages of the origin that asked for it', async () => {
    const own = await open(ann, page);
    expect(await refused(own.websocket_url)).toBe('4401 bad_ticket');
    expect(await refused(await ticket(own.session_id, ann, page), host.url)).toBe('4401 bad_ticket');
    await expectToType(await TerminalClient.connect(await ticket(own.session_id, ann, page), 'json', page));
    const evil = new WebSocket(await ticket(own.session_id, ann, page), { origin: 'https://evil.example' });
    const [, answer] = await once(evil, 'unexpected-response');
    expect(answer.statusCode).toBe(403);
    evil.on('error', () => undefined).terminate();
  });

  it('that a program asked for is good for clients that send an Origin of their own, as the libraries of some do', async () => {
    await expectToType(await TerminalClient.connect((await open()).websocket_url, 'json', host.url));
    await expectToType(await TerminalClient.connect((await open()).websocket_url, 'json', page));
  });

  it('says that it is the origin, when it is', async () => {
    const client = await TerminalClient.connect((await open(ann, page)).websocket_url, 'json', host.url);
    expect(await client.frame('exit')).toMatchObject({ message: expect.stringContaining('Origin') });
  });

  it('is not given for sessions of others, but to administrators, whose visit is on record', async () => {
    const { session_id } = await open();
    await expect(ticket(session_id, bob)).rejects.toMatchObject({ status: 404 });
    await expect(ticket('A'.repeat(32), bob)).rejects.toMatchObject({ status: 404 });
    const visit = await TerminalClient.connect(await ticket(session_id, root));
    await expectToType(visit);
    visit.close();
    await visit.closed;
    const events = async () =>
      (await bench.audit.find({ session_id, user_id: 'root' }).sort({ _id: 1 }).lean()).map(
        ({ event }) => event,
      );
    while ((await events()).length < 2) await sleep(20);
    expect(await events()).toEqual(['terminal_attached', 'terminal_detached']);
  });

  it('is good for half a minute, and for one of two who come at once', async () => {
    let now = Date.now();
    const tickets = new Tickets(bench.tickets, () => now);
    const what = { sessionId: 's', userId: 'ann', origin: null };
    const { ticket: late } = await tickets.issue(what);
    now += 30_001;
    expect(await tickets.redeem(late, what)).toEqual({ refused: 'ticket' });
    const { ticket: contested } = await tickets.issue(what);
    const replicas = [tickets, new Tickets(bench.tickets, () => now)];
    const whose = await Promise.all(replicas.map((replica) => replica.redeem(contested, what)));
    expect(whose.filter((one) => 'userId' in one)).toEqual([{ userId: 'ann' }]);
    expect(await bench.tickets.countDocuments({ _id: contested })).toBe(0);
  });
});

describe('the right to a terminal', () => {
  const end = async (client: TerminalClient) => {
    const { reason } = await client.frame('exit');
    return `${(await client.closed).code} ${reason}`;
  };

  it('ends with the sign-in; the session waits for whoever signs in again', async () => {
    people.set('ann', { ...ann, expiresAt: new Date(Date.now() + 60_000) });
    const { session_id, websocket_url } = await open();
    const client = await TerminalClient.connect(websocket_url);
    await expectToType(client);
    host.feature.terminals.sweep(Date.now() + 59_000);
    await expectToType(client);
    host.feature.terminals.sweep(Date.now() + 61_000);
    expect(await end(client)).toBe('4008 signed_out');
    people.set('ann', { ...ann, expiresAt: new Date(Date.now() + 300_000) });
    await expectToType(await TerminalClient.connect(await ticket(session_id)));
  });

  it('goes on without a break when a new token is shown in time', async () => {
    people.set('ann', { ...ann, expiresAt: new Date(Date.now() + 60_000) });
    const { session_id, websocket_url } = await open();
    const client = await TerminalClient.connect(websocket_url);
    await expectToType(client);
    people.set('ann', { ...ann, expiresAt: new Date(Date.now() + 300_000) });
    await ticket(session_id);
    await host.feature.terminals.recheck(Date.now() + 61_000);
    await expectToType(client);
  });

  it('ends when the token is revoked, though it has not expired', async () => {
    const client = await TerminalClient.connect((await open()).websocket_url);
    await expectToType(client);
    people.delete('ann');
    await host.feature.terminals.recheck();
    expect(await end(client)).toBe('4008 signed_out');
  });

  it('ends with the role, and the session with it', async () => {
    const { session_id, websocket_url } = await open();
    const client = await TerminalClient.connect(websocket_url);
    await expectToType(client);
    people.set('ann', { ...ann, roles: ['student'] });
    await host.feature.terminals.recheck();
    expect(await end(client)).toBe('4007 access_lost');
    people.set('ann', ann);
    await host.feature.terminals.recheck();
    await expect(ticket(session_id)).rejects.toMatchObject({ status: 404 });
  });

  it('is looked at before somebody is let in', async () => {
    const { websocket_url } = await open();
    people.delete('ann');
    expect(await refused(websocket_url)).toBe('4008 signed_out');
  });
});
