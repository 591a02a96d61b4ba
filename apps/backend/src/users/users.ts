import type { Role, User, UserCreate } from '@cloudemy/contracts';
import { ProblemError, notFound } from '@cloudemy/service';
import { localAdmin } from '@cloudemy/auth';
import { cutPage, decodeCursor, isDuplicateKey, newId, objectId } from '@cloudemy/mongo';
import type { StoredUser, UserModel } from './model.js';

export interface UserListQuery {
  limit: number;
  cursor?: string | undefined;
  role?: Role | undefined;
}

/** The people that submissions and assignments belong to. */
export class Users {
  constructor(private readonly model: UserModel) {}

  /** @throws ProblemError `conflict` when the e-mail address has an account */
  async create(input: UserCreate): Promise<User> {
    const { id, createdAt } = newId();
    const user: StoredUser = { _id: id, ...input, created_at: createdAt };
    try {
      await this.model.create(user);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new ProblemError('conflict', {
        detail: `There is a user with the e-mail address ${input.email} already.`,
        errors: [{ in: 'body', path: 'email', reason: 'is taken by another user' }],
        cause: error,
      });
    }
    return view(user);
  }

  /** @throws ProblemError `not_found` */
  async get(userId: string): Promise<User> {
    const user = await this.model.findById(objectId(userId)).lean<StoredUser>();
    if (user === null) throw notFound('user', userId);
    return view(user);
  }

  async exists(userId: string): Promise<boolean> {
    return (await this.model.exists({ _id: objectId(userId) })) !== null;
  }

  async list({ limit, cursor, ...filters }: UserListQuery) {
    const after = decodeCursor('users', filters, cursor);
    const users = await this.model
      .find({
        ...(filters.role === undefined ? {} : { roles: filters.role }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredUser[]>();
    return cutPage(users, limit, 'users', filters, view);
  }

  /** Makes sure that the user everybody is while authentication is off exists. */
  async ensureLocalAdmin(): Promise<void> {
    const { userId, roles } = localAdmin;
    const fields = {
      email: 'local@cloudemy.local',
      display_name: 'Local administrator',
      created_at: new Date(),
    };
    try {
      await this.model.updateOne(
        { _id: objectId(userId) },
        { $setOnInsert: fields, $set: { roles } },
        { upsert: true },
      );
    } catch (error) {
      // Another replica starting at the same moment was first.
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

function view(user: StoredUser): User {
  return {
    user_id: String(user._id),
    email: user.email,
    display_name: user.display_name,
    roles: user.roles,
    created_at: user.created_at.toISOString(),
  };
}
