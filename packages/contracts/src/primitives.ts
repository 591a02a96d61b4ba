import { z } from 'zod';

/** Ids of users, assignments and submissions: 24 hexadecimal digits, fit for a DNS label and sortable by time. */
export const Id = z
  .string()
  .regex(/^[0-9a-f]{24}$/, 'must be an id: 24 lower-case hexadecimal digits')
  .meta({ id: 'Id', examples: ['66f0c0ffee00000000000001'] });

/** An instant as ISO 8601 in UTC with milliseconds. */
export const Timestamp = z.iso.datetime().meta({ id: 'Timestamp', examples: ['2026-01-31T12:00:00.000Z'] });

/** A short machine name: criteria, tags. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 of a-z, 0-9, - and _, not at the edges');

/** Text that survives UTF-8: JSON can smuggle half a surrogate pair, which no store or model accepts. */
export const wellFormed = (text: z.ZodString): z.ZodString =>
  text.refine((value) => value.isWellFormed(), 'holds half of a surrogate pair, which is not valid Unicode');

/** Names and titles: one line for people. */
export const Title = wellFormed(z.string().trim().min(1, 'must not be empty').max(200));

/** A page of a list: `next_cursor` is null on the last one. */
export const page = <T extends z.ZodType>(item: T, id: string) =>
  z
    .object({ items: z.array(item), next_cursor: z.string().nullable() })
    .meta({ id, description: 'One page; pass `next_cursor` as `cursor` for the next.' });

export const maxPageSize = 200;

/**
 * A whole number in a query. JavaScript would take `0x10`, `1e1` and ` 5` for numbers too, and others take them for
 * something else.
 */
export const wholeNumber = (least: number, most: number) =>
  z
    .preprocess(
      (given) => (typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given),
      z
        .int({
          error: ({ input }) =>
            Array.isArray(input) ? 'is given more than once' : 'must be a whole number such as 10',
        })
        .min(least, `must be at least ${least}`)
        .max(most, `must be at most ${most}`),
    )
    .meta({ type: 'integer', minimum: least, maximum: most });

/** A switch in a query. */
export const queryFlag = z
  .stringbool({ truthy: ['true', '1'], falsy: ['false', '0'], case: 'sensitive' })
  .meta({ enum: ['true', 'false', '1', '0'] });

/** An instant that somebody asks for, in whichever time zone; in UTC once it is read. */
export const Instant = z
  .preprocess(
    // A plus sign that was not encoded arrives as a space.
    (given) => (typeof given === 'string' ? given.replace(/ (?=\d\d:?\d\d$)/, '+') : given),
    z.iso.datetime({
      offset: true,
      error: 'must be an instant such as 2026-01-31T12:00:00Z or 2026-01-31T21:00:00+09:00',
    }),
  )
  .transform((text) => new Date(text).toISOString())
  .meta({ id: 'Instant', type: 'string', format: 'date-time', examples: ['2026-01-31T21:00:00+09:00'] });

/** Query parameters every list takes. */
export const pageQuery = {
  limit: wholeNumber(1, maxPageSize).default(50).describe('Items per page.'),
  cursor: z.string().max(500).optional().describe('`next_cursor` of the page before.'),
};

/** A W3C `traceparent` header value (https://www.w3.org/TR/trace-context/). */
export const Traceparent = z.string().regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
