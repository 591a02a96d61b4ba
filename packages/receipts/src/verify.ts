import { type ReceiptFile, ReceiptFile as FileSchema } from '@cloudemy/contracts';
import { compactVerify, importJWK } from 'jose';
import { canonical, firstDifference, offsetOf } from './canonical.js';
import { publicKeyOf } from './key.js';
import { digestOf } from './parts.js';
import { scoreFault } from './recompute.js';
import { headerOf } from './sign.js';

/** What does not fit, and the first byte of the file where it does not. */
export interface Misfit {
  byte: number;
  reason: string;
}

export type Verdict =
  | { fits: true; file: ReceiptFile; recomputed: 'from the code' | 'from the criteria' | 'no score' }
  | { fits: false; misfit: Misfit };

/**
 * Checks a receipt without asking anybody: its form, its signature, every disclosed part, and the score.
 *
 * @param trusted names of keys; the receipt's own is taken at its word when left out
 */
export async function verifyReceipt(bytes: Buffer, trusted?: readonly string[]): Promise<Verdict> {
  const read = readFile(bytes);
  if ('misfit' in read) return { fits: false, misfit: read.misfit };
  const { file } = read;
  const at = (...path: (string | number)[]): number => offsetOf(file, path);
  const misfit =
    (await keyFault(file, at, trusted)) ?? (await signatureFault(file, at)) ?? partFault(file, at);
  if (misfit !== undefined) return { fits: false, misfit };
  const { fault, from } = scoreFault(file);
  if (fault !== undefined) return { fits: false, misfit: { byte: at(...fault.path), reason: fault.reason } };
  return { fits: true, file, recomputed: from };
}

type At = (...path: (string | number)[]) => number;

function readFile(bytes: Buffer): { file: ReceiptFile } | { misfit: Misfit } {
  const text = bytes.toString('utf8');
  const notText = firstDifference(bytes, Buffer.from(text));
  if (notText !== undefined) return { misfit: { byte: notText, reason: 'is not UTF-8' } };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { misfit: { byte: positionIn(text, error), reason: 'is not JSON' } };
  }
  const form = firstDifference(bytes, Buffer.from(canonical(value)));
  if (form !== undefined) return { misfit: { byte: form, reason: 'is not canonical JSON (RFC 8785)' } };
  const parsed = FileSchema.safeParse(value);
  if (parsed.success) return { file: parsed.data };
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).filter((step) => typeof step !== 'symbol');
  return { misfit: { byte: offsetOf(value, path), reason: `${path.join('.')}: ${issue?.message ?? ''}` } };
}

/** Where the parser stopped; the end when it wanted more. */
function positionIn(text: string, error: unknown): number {
  const position = /position (\d+)/.exec(String(error))?.[1];
  return Buffer.byteLength(position === undefined ? text : text.slice(0, Number(position)));
}

async function keyFault(
  { key }: ReceiptFile,
  at: At,
  trusted?: readonly string[],
): Promise<Misfit | undefined> {
  const honest = await publicKeyOf(key.x);
  const difference = firstDifference(Buffer.from(canonical(key)), Buffer.from(canonical(honest)));
  if (difference !== undefined) {
    return { byte: at('key') + difference, reason: 'the key is not the one that its name says' };
  }
  if (trusted === undefined || trusted.includes(key.kid)) return undefined;
  return { byte: at('key', 'kid'), reason: `the key ${key.kid} is none of the installation's` };
}

async function signatureFault(file: ReceiptFile, at: At): Promise<Misfit | undefined> {
  const { jws, key, receipt } = file;
  const begin = at('jws') + 1;
  const payload = Buffer.from(canonical(receipt));
  const honest = [Buffer.from(JSON.stringify(headerOf(key.kid))), payload].map((one) =>
    one.toString('base64url'),
  );
  const signed = `${honest.join('.')}.`;
  const isSigned = await signatureHolds(file);
  if (isSigned) {
    // What was signed is right: the readable copy beside it is not.
    const copied = Buffer.from(jws.split('.')[1] ?? '', 'base64url');
    const difference = firstDifference(payload, copied);
    if (difference !== undefined) {
      return { byte: at('receipt') + difference, reason: 'is not what was signed' };
    }
  }
  const difference = firstDifference(Buffer.from(jws.slice(0, signed.length)), Buffer.from(signed));
  if (difference !== undefined) return { byte: begin + difference, reason: 'is not what the receipt says' };
  const signature = jws.slice(signed.length);
  const again = Buffer.from(signature, 'base64url').toString('base64url');
  const spelling = firstDifference(Buffer.from(signature), Buffer.from(again));
  if (spelling !== undefined)
    return { byte: begin + signed.length + spelling, reason: 'the signature is misspelt' };
  return isSigned ? undefined : { byte: begin + signed.length, reason: 'the signature does not hold' };
}

async function signatureHolds({ jws, key }: ReceiptFile): Promise<boolean> {
  try {
    await compactVerify(jws, await importJWK(key, 'EdDSA'), { algorithms: ['EdDSA'] });
    return true;
  } catch {
    return false;
  }
}

function partFault({ disclosed, receipt: { digests } }: ReceiptFile, at: At): Misfit | undefined {
  for (const [name, digest] of Object.entries(digests)) {
    const part = Object.entries(disclosed).find(([one]) => one === name)?.[1];
    if (part === undefined || digestOf(part) === digest) continue;
    return { byte: at('disclosed', name), reason: `${name} is not what was signed` };
  }
  return undefined;
}
