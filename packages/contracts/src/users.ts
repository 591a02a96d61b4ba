import { z } from 'zod';
import { Id, Timestamp, Title, page, pageQuery } from './primitives.js';

/** `runner-operator` deploys benchmarks and opens terminals into them. */
export const Role = z.enum(['student', 'instructor', 'runner-operator', 'admin']).meta({ id: 'Role' });
export type Role = z.output<typeof Role>;

/** What a user is, each at most once. */
export const Roles = z
  .array(Role)
  .min(1, 'must name at least one role')
  .max(Role.options.length)
  .refine((roles) => new Set(roles).size === roles.length, 'names a role twice');

export const Email = z.email('must be an e-mail address').max(254).toLowerCase();

export const UserCreate = z
  .strictObject({
    email: Email,
    display_name: Title,
    roles: Roles.default(['student']),
  })
  .meta({ id: 'UserCreate' });
export type UserCreate = z.output<typeof UserCreate>;

export const UserUpdate = z
  .strictObject({ display_name: Title, roles: Roles, disabled: z.boolean() })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'must change at least one field')
  .meta({ id: 'UserUpdate' });
export type UserUpdate = z.output<typeof UserUpdate>;

export const User = z
  .object({
    user_id: Id,
    email: z.string(),
    display_name: z.string(),
    roles: z.array(Role),
    disabled: z.boolean().describe('A disabled account cannot sign in.'),
    issuer: z
      .string()
      .nullable()
      .describe('The OpenID Connect provider that the user signs in at, if not here.'),
    created_at: Timestamp,
  })
  .meta({ id: 'User' });
export type User = z.output<typeof User>;

export const UserPage = page(User, 'UserPage');

export const UserQuery = z.strictObject({ ...pageQuery, role: Role.optional() });
