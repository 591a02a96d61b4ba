import { z } from 'zod';
import { Id, Timestamp, Title, page, pageQuery } from './primitives.js';

export const Role = z.enum(['student', 'instructor', 'admin', 'operator']).meta({ id: 'Role' });
export type Role = z.output<typeof Role>;

export const UserCreate = z
  .strictObject({
    email: z.email('must be an e-mail address').max(254).toLowerCase(),
    display_name: Title,
    role: Role.default('student'),
  })
  .meta({ id: 'UserCreate' });
export type UserCreate = z.output<typeof UserCreate>;

export const User = z
  .object({
    user_id: Id,
    email: z.string(),
    display_name: z.string(),
    role: Role,
    created_at: Timestamp,
  })
  .meta({ id: 'User' });
export type User = z.output<typeof User>;

export const UserPage = page(User, 'UserPage');

export const UserQuery = z.strictObject({ ...pageQuery, role: Role.optional() });
