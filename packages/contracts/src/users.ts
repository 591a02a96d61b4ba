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

export const UserCreate = z
  .strictObject({
    email: z.email('must be an e-mail address').max(254).toLowerCase(),
    display_name: Title,
    roles: Roles.default(['student']),
  })
  .meta({ id: 'UserCreate' });
export type UserCreate = z.output<typeof UserCreate>;

export const User = z
  .object({
    user_id: Id,
    email: z.string(),
    display_name: z.string(),
    roles: z.array(Role),
    created_at: Timestamp,
  })
  .meta({ id: 'User' });
export type User = z.output<typeof User>;

export const UserPage = page(User, 'UserPage');

export const UserQuery = z.strictObject({ ...pageQuery, role: Role.optional() });
