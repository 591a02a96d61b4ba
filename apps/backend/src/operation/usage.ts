import type { UsageOfDay } from '@cloudemy/contracts';
import type { Clock } from '@cloudemy/mongo';
import { type Connection, type Model, Schema } from 'mongoose';
import type { TransitionListener } from '../submissions/transition.js';

/** What the model did on one day. */
export interface StoredUsage {
  /** `2026-01-31` (UTC). */
  _id: string;
  graded: number;
  failed: Record<string, number>;
  tokens: number;
  cost_usd: number;
  created_at: Date;
}

export type UsageModel = Model<StoredUsage>;

const keptSeconds = 400 * 86_400;
const { Mixed } = Schema.Types;

const schema = new Schema<StoredUsage>(
  {
    _id: { type: String, required: true },
    graded: { type: Number, default: 0 },
    failed: { type: Mixed, default: {} },
    tokens: { type: Number, default: 0 },
    cost_usd: { type: Number, default: 0 },
    created_at: { type: Date, required: true },
  },
  { collection: 'usage', versionKey: false, minimize: false },
);
schema.index({ created_at: 1 }, { expireAfterSeconds: keptSeconds });

export const usageModel = (connection: Connection): UsageModel =>
  connection.model<StoredUsage>('Usage', schema);

/**
 * Counts by day how attempts end and what they cost, for operators to look at. Gathered here and written down now and
 * then: one write for many attempts. A crash loses what was not written yet, of these figures alone.
 */
export class Usage {
  private readonly model: UsageModel;
  private readonly now: Clock;
  /** By day, then by field. */
  private gathered = new Map<string, Map<string, number>>();

  constructor(model: UsageModel, now: Clock) {
    this.model = model;
    this.now = now;
  }

  readonly onTransition: TransitionListener = ({ metrics, submission, failure }) => {
    const isGraded = submission.status === 'graded';
    if (metrics === undefined && !isGraded && failure === null) return;
    const day = this.now().toISOString().slice(0, 10);
    const counts = this.gathered.get(day) ?? new Map<string, number>();
    this.gathered.set(day, counts);
    const add = (field: string, amount: number): void => {
      if (amount !== 0) counts.set(field, (counts.get(field) ?? 0) + amount);
    };
    if (isGraded) add('graded', 1);
    if (failure !== null) add(`failed.${failure.code}`, 1);
    add('tokens', metrics?.total_tokens ?? 0);
    add('cost_usd', metrics?.cost_usd ?? 0);
  };

  /** Writes down what was gathered; what cannot be written is gathered still. @throws what MongoDB throws */
  async flush(): Promise<void> {
    const writing = this.gathered;
    if (writing.size === 0) return;
    this.gathered = new Map();
    const writes = [...writing].map(([day, counts]) => ({
      updateOne: {
        filter: { _id: day },
        update: { $inc: Object.fromEntries(counts), $setOnInsert: { created_at: this.now() } },
        upsert: true,
      },
    }));
    try {
      await this.model.bulkWrite(writes, { ordered: false });
    } catch (error) {
      for (const [day, counts] of writing) {
        const since = this.gathered.get(day) ?? new Map<string, number>();
        for (const [field, amount] of counts) since.set(field, (since.get(field) ?? 0) + amount);
        this.gathered.set(day, since);
      }
      throw error;
    }
  }

  /** The last days on which there was something, newest first. */
  async lastDays(count: number): Promise<UsageOfDay[]> {
    // What nothing was counted of is not there.
    type Day = Pick<StoredUsage, '_id'> & Partial<StoredUsage>;
    const days = await this.model.find().sort({ _id: -1 }).limit(count).lean<Day[]>();
    return days.map(({ _id, graded = 0, failed = {}, tokens = 0, cost_usd = 0 }) => ({
      day: _id,
      graded,
      failed,
      tokens,
      cost_usd: Math.round(cost_usd * 1e6) / 1e6,
    }));
  }
}
