import { type Receipt, type ReceiptFile, type ReceiptPart, receiptFormat } from '@cloudemy/contracts';
import { CompactSign } from 'jose';
import { canonical } from './canonical.js';
import type { ReceiptKey } from './key.js';
import type { Part } from './parts.js';

export const headerOf = (kid: string) => ({ alg: 'EdDSA', kid, typ: 'cloudemy-receipt' });

/** The bytes of a receipt, as they are kept and checked. */
export async function signReceipt(
  receipt: Receipt,
  disclosed: Partial<Record<ReceiptPart, Part>>,
  { privateKey, publicKey }: ReceiptKey,
): Promise<string> {
  const jws = await new CompactSign(Buffer.from(canonical(receipt)))
    .setProtectedHeader(headerOf(publicKey.kid))
    .sign(privateKey);
  const file: Omit<ReceiptFile, 'disclosed'> & { disclosed: typeof disclosed } = {
    disclosed,
    format: receiptFormat,
    jws,
    key: publicKey,
    receipt,
  };
  return canonical(file);
}
