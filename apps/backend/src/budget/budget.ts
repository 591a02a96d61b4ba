import { definitionOf } from '@cloudemy/contracts';
import type { Clock } from '@cloudemy/mongo';
import type { Logger } from '@cloudemy/service';
import { type Connection, type Model, Schema } from 'mongoose';
import type { StoredWaiting } from '../submissions/model.js';
import type { SubmissionSnapshot, TransitionListener } from '../submissions/transition.js';

/** Tokens that the model has used on one day, in all or for one assignment. */
export interface StoredSpending {
  /** `2026-01-31`, or `2026-01-31:` and the id of an assignment. */
  _id: string;
  tokens: number;
  created_at: Date;
}

export type SpendingModel = Model<StoredSpending>;

const keptSeconds = 40 * 86_400;

const schema = new Schema<StoredSpending>(
  {
    _id: { type: String, required: true },
    tokens: { type: Number, required: true },
    created_at: { type: Date, required: true },
  },
  { collection: 'spending', versionKey: false },
);
schema.index({ created_at: 1 }, { expireAfterSeconds: keptSeconds });

export const spendingModel = (connection: Connection): SpendingModel =>
  connection.model<StoredSpending>('Spending', schema);

/** Tokens a day (UTC); undefined for no limit. */
export interface BudgetLimits {
  perDay: number | undefined;
  perAssignment: number | undefined;
}

/** An attempt that must wait for the next day. */
export interface Held {
  until: Date;
  waiting: StoredWaiting;
}

const dayMs = 86_400_000;

/**
 * What the model may cost on one day. Beyond it nothing is begun: the queue waits for the next day, and submissions say
 * so. What is under way when the budget ends is finished, so it may be passed by as much as is graded at a time.
 */
export class Budget {
  private readonly model: SpendingModel;
  private readonly limits: BudgetLimits;
  private readonly now: Clock;
  private readonly log: Logger;

  constructor(model: SpendingModel, limits: BudgetLimits, now: Clock, log: Logger) {
    this.model = model;
    this.limits = limits;
    this.now = now;
    this.log = log;
  }

  readonly onTransition: TransitionListener = ({ metrics, submission }) => {
    const tokens = metrics?.total_tokens ?? 0;
    if (tokens === 0 || !this.isLimited) return;
    const created_at = this.now();
    const day = dayOf(created_at);
    const writes = [day, `${day}:${String(submission.assignment_id)}`].map((_id) => ({
      updateOne: {
        filter: { _id },
        update: { $inc: { tokens }, $setOnInsert: { created_at } },
        upsert: true,
      },
    }));
    this.model.bulkWrite(writes, { ordered: false }).catch((error: unknown) => {
      this.log.warn({ err: error, tokens }, 'could not count what the model cost');
    });
  };

  /** Which of these must wait for the next day, by submission. Asks nothing where there is no limit. */
  async held(attempts: readonly SubmissionSnapshot[]): Promise<Map<string, Held>> {
    if (!this.isLimited || attempts.length === 0) return new Map();
    const now = this.now();
    const day = dayOf(now);
    const keyOf = ({ assignment_id: id }: SubmissionSnapshot): string => `${day}:${String(id)}`;
    const found = await this.model
      .find({ _id: { $in: [day, ...new Set(attempts.map(keyOf))] } })
      .lean<StoredSpending[]>();
    const spent = new Map(found.map(({ _id, tokens }) => [_id, tokens]));
    const { perDay = Infinity, perAssignment = Infinity } = this.limits;
    const isOver = (one: SubmissionSnapshot): boolean =>
      (spent.get(day) ?? 0) >= perDay || (spent.get(keyOf(one)) ?? 0) >= perAssignment;
    const until = new Date((Math.floor(now.getTime() / dayMs) + 1) * dayMs);
    const code = 'llm_budget_spent';
    const waiting = { code, message: `${definitionOf(code).sentence}.`, since: now };
    return new Map(attempts.filter(isOver).map((one) => [String(one._id), { until, waiting }]));
  }

  private get isLimited(): boolean {
    return this.limits.perDay !== undefined || this.limits.perAssignment !== undefined;
  }
}

const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);
