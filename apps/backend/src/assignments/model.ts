import type { Assignment, GradesVisible, Language, Rubric } from '@cloudemy/contracts';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

export interface StoredAssignment {
  _id: Types.ObjectId;
  owner_id: Types.ObjectId;
  title: string;
  description: string;
  language: Language;
  rubric: Rubric;
  limits: Assignment['limits'];
  // The rest of what belongs to courses is missing in what was stored before there were any.
  course_id?: Types.ObjectId | null;
  release_at?: Date | null;
  due_at?: Date | null;
  late_until?: Date | null;
  grades_visible?: GradesVisible;
  grades_released_at?: Date | null;
  max_score: number;
  version: number;
  /** Beside the instant, because an index serves equality. */
  archived: boolean;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export type AssignmentModel = Model<StoredAssignment>;

const { ObjectId, Mixed } = Schema.Types;

const schema = storedSchema<StoredAssignment>(
  {
    _id: { type: ObjectId, required: true },
    owner_id: { type: ObjectId, required: true },
    title: { type: String, required: true },
    description: { type: String, required: true },
    language: { type: String, required: true },
    // Checked by the contract's schema before it gets here.
    rubric: { type: Mixed, required: true },
    limits: { type: Mixed, required: true },
    course_id: { type: ObjectId },
    release_at: { type: Date },
    due_at: { type: Date },
    late_until: { type: Date },
    grades_visible: { type: String },
    grades_released_at: { type: Date },
    max_score: { type: Number, required: true },
    version: { type: Number, required: true },
    archived: { type: Boolean, required: true },
    archived_at: { type: Date, default: null },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  'assignments',
);
schema.index({ owner_id: 1, _id: -1 });
schema.index({ language: 1, _id: -1 });
schema.index({ course_id: 1, _id: -1 });
schema.index({ archived: 1, _id: -1 });

export const assignmentModel = (connection: Connection): AssignmentModel =>
  storedModel<StoredAssignment>(connection, 'Assignment', schema);
