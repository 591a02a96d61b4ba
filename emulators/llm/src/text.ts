import { createHash } from 'node:crypto';

/** Hex SHA-256 of the parts; a separator keeps ("ab","c") apart from ("a","bc"). */
export function hashOf(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Tokens of a text, estimated at four characters each (OpenAI's own rule of thumb for English). */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Starts every sentence this emulator writes, so that nobody takes it for a model's judgement. */
export const EMULATOR_MARK = '[emulator]';
