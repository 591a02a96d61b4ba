import { type ExternalProfile, localAdmin } from '@cloudemy/auth';
import type { Role, User, UserCreate, UserUpdate } from '@cloudemy/contracts';
import { cutPage, decodeCursor, isDuplicateKey, newUnguessableId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import type { StoredUser, UserModel } from './model.js';

export interface UserListQuery {
  limit: number;
  cursor?: string | undefined;
  role?: Role | undefined;
}

/** The people that submissions and assignments belong to. */
export class Users {
  private readonly model: UserModel;

  constructor(model: UserModel) {
    this.model = model;
  }

  /** @throws ProblemError `conflict` when the e-mail address has an account */
  async create(input: UserCreate): Promise<User> {
    const { id, createdAt } = newUnguessableId();
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
    return userView(user);
  }

  /** The user with this address, made if there is none. */
  async findOrCreate(input: UserCreate & Pick<StoredUser, 'course_id'>): Promise<StoredUser> {
    const { id, createdAt } = newUnguessableId();
    const user: StoredUser = { _id: id, ...input, created_at: createdAt };
    await ignoringTwins(() =>
      this.model.updateOne({ email: input.email }, { $setOnInsert: user }, { upsert: true }),
    );
    return (await this.findByEmail(input.email)) ?? user;
  }

  /** @throws ProblemError `not_found` */
  async get(userId: string): Promise<User> {
    const user = await this.find(objectId(userId));
    if (user === null) throw notFound('user', userId);
    return userView(user);
  }

  /** By the address. */
  async byEmail(addresses: readonly string[]): Promise<Map<string, StoredUser>> {
    const found = await this.model.find({ email: { $in: addresses } }).lean<StoredUser[]>();
    return new Map(found.map((user) => [user.email, user]));
  }

  /** Those of some users whose account was made for a course. */
  madeFor(courseId: Types.ObjectId, userIds: readonly Types.ObjectId[]): Promise<StoredUser[]> {
    return this.model
      .find({ _id: { $in: userIds }, course_id: courseId })
      .lean<StoredUser[]>()
      .exec();
  }

  /** Those of some users who are disabled. */
  async disabledAmong(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.model
      .find({ _id: { $in: userIds.map(objectId) }, disabled: true }, { _id: 1 })
      .lean<Pick<StoredUser, '_id'>[]>();
    return new Set(found.map(({ _id }) => String(_id)));
  }

  find(userId: Types.ObjectId): Promise<StoredUser | null> {
    return this.model.findById(userId).lean<StoredUser>().exec();
  }

  findByEmail(email: string): Promise<StoredUser | null> {
    return this.model.findOne({ email }).lean<StoredUser>().exec();
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
    return cutPage(users, limit, 'users', filters, userView);
  }

  /** @throws ProblemError `not_found`; `accounts_elsewhere` for roles that an external issuer gives */
  async update(userId: string, changes: UserUpdate): Promise<User> {
    const { display_name, roles, disabled } = changes;
    const given = Object.fromEntries(
      Object.entries({ display_name, roles, disabled }).filter(([, value]) => value !== undefined),
    );
    const updated = await this.model
      .findOneAndUpdate(
        // Null means absent too: only roles that are given here may be changed here.
        { _id: objectId(userId), ...(roles === undefined ? {} : { issuer: null }) },
        { $set: given },
        { returnDocument: 'after' },
      )
      .lean<StoredUser>();
    if (updated !== null) return userView(updated);
    const { issuer } = await this.get(userId);
    throw new ProblemError('accounts_elsewhere', {
      detail: `The roles of this user are given by ${String(issuer)}. Change them there.`,
    });
  }

  /** Writes down what an external issuer says of a user. An address that is taken here stays with its account. */
  async writeExternal(userId: string, roles: readonly Role[], profile: ExternalProfile): Promise<void> {
    const write = (email: string) =>
      this.model.updateOne(
        { _id: objectId(userId) },
        {
          $set: { roles: [...roles], issuer: profile.issuer, email, display_name: profile.name ?? email },
          $setOnInsert: { created_at: new Date() },
        },
        { upsert: true },
      );
    const nowhere = `${userId}@users.invalid`;
    try {
      await write(profile.email ?? nowhere);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await ignoringTwins(() => write(nowhere));
    }
  }

  /** Makes sure that the user everybody is while authentication is off exists. */
  async ensureLocalAdmin(): Promise<void> {
    const { userId, roles } = localAdmin;
    const fields = {
      email: 'local@cloudemy.local',
      display_name: 'Local administrator',
      created_at: new Date(),
    };
    await ignoringTwins(() =>
      this.model.updateOne(
        { _id: objectId(userId) },
        { $setOnInsert: fields, $set: { roles } },
        { upsert: true },
      ),
    );
  }
}

/** Of replicas that write the same at the same moment one is first, and that is as good. */
async function ignoringTwins(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

export function userView(user: StoredUser): User {
  return {
    user_id: String(user._id),
    email: user.email,
    display_name: user.display_name,
    roles: user.roles,
    disabled: user.disabled ?? false,
    issuer: user.issuer ?? null,
    created_at: user.created_at.toISOString(),
  };
}
