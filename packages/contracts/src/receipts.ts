import { z } from 'zod';
import { Language } from './assignments.js';
import { GradeSource } from './grades.js';
import { Id, Slug, Timestamp } from './primitives.js';

export const receiptFormat = 'cloudemy-receipt/1';

/** Parts with personal data. What is signed holds only their salted hashes, so they can be withheld or erased. */
export const receiptParts = ['code', 'student', 'rubric', 'judgement', 'transcript', 'decisions'] as const;
export type ReceiptPart = (typeof receiptParts)[number];

const Digest = z.string().regex(/^[\w-]{43}$/, 'must be a SHA-256 as base64url');
const perPart = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    code: value,
    student: value,
    rubric: value,
    judgement: value,
    transcript: value,
    decisions: value,
  });

const points = { attempt: z.int().min(1), score: z.number(), max_score: z.number() };

/** What is signed. */
export const Receipt = z
  .strictObject({
    submission_id: Id,
    assignment_id: Id,
    assignment_version: z.int(),
    attempt: z.int().min(1),
    language: Language,
    submitted_at: Timestamp,
    finished_at: Timestamp.nullable(),
    issued_at: Timestamp,
    status: z.string(),
    failure_code: z.string().nullable(),
    result: z
      .strictObject({
        score: z.number(),
        max_score: z.number(),
        fail_tags: z.array(z.string()),
        criteria: z.array(
          z.strictObject({
            criterion_id: Slug,
            met: z.boolean(),
            points: z.number(),
            max_points: z.number(),
          }),
        ),
      })
      .nullable()
      .describe('What the grader gave. The score follows from the criteria.'),
    model: z
      .strictObject({
        asked_for: z.string().nullable(),
        reported: z.string().nullable(),
        exchanges: z.int(),
        total_tokens: z.int().nullable(),
        cost_usd: z.number().nullable(),
      })
      .nullable()
      .describe('Null when no model was asked.'),
    in_force: z
      .strictObject({ ...points, source: GradeSource, version: z.int() })
      .nullable()
      .describe('The grade that counts, as of now.'),
    changes: z
      .array(z.strictObject({ ...points, source: GradeSource, version: z.int(), at: Timestamp }))
      .describe('Every grade that was in force, first to last; `decisions` says by whom and why.'),
    digests: perPart(Digest).describe('Of each part: SHA-256 over its canonical `[salt, value]`.'),
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.output<typeof Receipt>;

const Disclosure = z.strictObject({ salt: z.string(), value: z.json() });

/** The file: canonical JSON (RFC 8785), so that every byte of it is accounted for. */
export const ReceiptFile = z
  .strictObject({
    disclosed: perPart(Disclosure)
      .partial()
      .describe('The parts that this reader may see. One that is withheld or erased is missing.'),
    format: z.literal(receiptFormat),
    jws: z.string().describe('The receipt, signed: JWS in compact form, EdDSA.'),
    key: z
      .strictObject({
        alg: z.string(),
        crv: z.string(),
        kid: z.string(),
        kty: z.string(),
        use: z.string(),
        x: z.string(),
      })
      .describe('The public key. Compare its `kid` with `/.well-known/receipt-keys.json`.'),
    receipt: Receipt,
  })
  .meta({ id: 'ReceiptFile' });
export type ReceiptFile = z.output<typeof ReceiptFile>;

export const ReceiptKeys = z
  .object({ keys: z.array(ReceiptFile.shape.key) })
  .meta({ id: 'ReceiptKeys', description: 'A JWKS (RFC 7517).' });
export type ReceiptKeys = z.output<typeof ReceiptKeys>;
