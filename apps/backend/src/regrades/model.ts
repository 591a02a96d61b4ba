import type {
  AttemptOutcome,
  FailureCode,
  Regrade,
  RegradeItemState,
  RegradeResult,
  finalStatuses,
} from '@cloudemy/contracts';
import { type Connection, type Model, Schema, type Types } from 'mongoose';
import type { ActorName } from '../auth/actor-name.js';

export type FinalStatus = (typeof finalStatuses)[number];
export type ItemCounts = Partial<Record<RegradeItemState, number>>;

/** The grading again of an assignment's submissions. */
export interface StoredRegrade {
  _id: Types.ObjectId;
  assignment_id: Types.ObjectId;
  /** Of the assignment when this was asked for. */
  assignment_version: number;
  requested_by: ActorName;
  request_id: string;
  statuses: FinalStatus[];
  /** Only what failed for one of these. */
  failure_codes?: FailureCode[] | null;
  state: Regrade['state'];
  /** Only these; all when absent. */
  submission_ids?: Types.ObjectId[] | null;
  /** It changes no grade; absent counts as not. */
  draft?: boolean;
  /** Why it stopped by itself. */
  paused_for?: Regrade['paused_for'];
  /** When somebody had it go on: what failed before is no reason to stop again. */
  resumed_at?: Date | null;
  discarded_at?: Date | null;
  /** The last submission that was listed; null before the first. */
  listed_to: Types.ObjectId | null;
  /** Whether there is work left. */
  open: boolean;
  /** Until then one replica works on it and the others leave it alone. */
  leased_until: Date;
  created_at: Date;
  finished_at: Date | null;
  /** It has ended, and webhooks have still to be told. */
  untold?: Date;
}

/** One submission of a regrade. */
export interface StoredRegradeItem {
  _id: Types.ObjectId;
  regrade_id: Types.ObjectId;
  submission_id: Types.ObjectId;
  /** The request for grading that was in force when it was listed: a later one is a person's. */
  requested_attempt: number;
  state: RegradeItemState;
  /** The attempt that the regrade began. */
  attempt: number | null;
  old: AttemptOutcome | null;
  new: AttemptOutcome | null;
  /** The grade that was in force when it began; absent in what an earlier version stored. */
  before?: RegradeResult['before'];
  change?: number | null;
  /** The same as a share of the points, whatever its sign: what lists are sorted by. */
  magnitude?: number;
  /** Of the grade that it became from a draft; null while it is none. */
  applied_version?: number | null;
}

export type RegradeModel = Model<StoredRegrade>;
export type RegradeItemModel = Model<StoredRegradeItem>;

const { ObjectId, Mixed } = Schema.Types;
const required = true;

const regradeSchema = new Schema<StoredRegrade>(
  {
    _id: { type: ObjectId, required },
    assignment_id: { type: ObjectId, required },
    assignment_version: { type: Number, required },
    requested_by: { type: String, required },
    request_id: { type: String, required },
    statuses: { type: [String], required },
    failure_codes: { type: [String], default: null },
    state: { type: String, required },
    listed_to: { type: ObjectId, default: null },
    submission_ids: { type: [ObjectId], default: null },
    draft: { type: Boolean, default: false },
    paused_for: { type: Mixed, default: null },
    resumed_at: { type: Date, default: null },
    discarded_at: { type: Date, default: null },
    open: { type: Boolean, required },
    leased_until: { type: Date, required },
    created_at: { type: Date, required },
    finished_at: { type: Date, default: null },
    untold: { type: Date },
  },
  { collection: 'regrades', versionKey: false, strict: 'throw' },
);
regradeSchema.index({ assignment_id: 1, _id: -1 });
regradeSchema.index({ untold: 1 }, { sparse: true });
regradeSchema.index({ leased_until: 1 }, { partialFilterExpression: { open: true } });

const itemSchema = new Schema<StoredRegradeItem>(
  {
    _id: { type: ObjectId, required },
    regrade_id: { type: ObjectId, required },
    submission_id: { type: ObjectId, required },
    requested_attempt: { type: Number, required },
    state: { type: String, required },
    attempt: { type: Number, default: null },
    old: { type: Mixed, default: null },
    new: { type: Mixed, default: null },
    before: { type: Mixed, default: null },
    change: { type: Number, default: null },
    magnitude: { type: Number, default: 0 },
    applied_version: { type: Number, default: null },
  },
  { collection: 'regrade_items', versionKey: false, strict: 'throw', minimize: false },
);
itemSchema.index({ regrade_id: 1, submission_id: 1 }, { unique: true });
itemSchema.index({ regrade_id: 1, state: 1, submission_id: 1 });
itemSchema.index({ regrade_id: 1, magnitude: -1, submission_id: 1 });

export const regradeModel = (connection: Connection): RegradeModel =>
  connection.model<StoredRegrade>('Regrade', regradeSchema);

export const regradeItemModel = (connection: Connection): RegradeItemModel =>
  connection.model<StoredRegradeItem>('RegradeItem', itemSchema);
