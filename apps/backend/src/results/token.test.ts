import { expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { ResultTokens } from './token.js';

const old = 'the old secret of thirty-two characters or so';
const current = 'the new secret of thirty-two characters or so';
const grant = { submissionId: '6b029636ee3a04573a570bd6', attempt: 2 };
const hour = 3_600_000;
const refused = { code: 'invalid_result_token' };

test('says what it was signed for', async () => {
  const tokens = new ResultTokens(current, undefined, hour);
  await expect(tokens.verify(await tokens.sign(grant))).resolves.toEqual(grant);
});

test('accepts the previous secret while it is being rotated, and not afterwards', async () => {
  const token = await new ResultTokens(old, undefined, hour).sign(grant);
  await expect(new ResultTokens(current, old, hour).verify(token)).resolves.toEqual(grant);
  await expect(new ResultTokens(current, undefined, hour).verify(token)).rejects.toMatchObject(refused);
});

test.each(['', 'x', 'a.b.c', 'e30.e30.', undefined])('refuses %p', async (token) => {
  await expect(new ResultTokens(current, old, hour).verify(token)).rejects.toMatchObject(refused);
});

test('refuses what has expired, is altered, unsigned, or signed for something else', async () => {
  const tokens = new ResultTokens(current, undefined, hour);
  const expired = await new ResultTokens(current, undefined, -hour).sign(grant);
  await expect(tokens.verify(expired)).rejects.toThrow(/expired/);
  const [head, , signature] = (await tokens.sign(grant)).split('.');
  const claims = (await tokens.sign({ ...grant, attempt: 3 })).split('.')[1];
  await expect(tokens.verify(`${head}.${claims}.${signature}`)).rejects.toMatchObject(refused);
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  await expect(tokens.verify(`${none}.${claims}.`)).rejects.toMatchObject(refused);
  const foreign = await new SignJWT({ attempt: 2 })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(grant.submissionId)
    .setAudience('terminal')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(current));
  await expect(tokens.verify(foreign)).rejects.toMatchObject(refused);
});
