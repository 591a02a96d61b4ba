import { storedModel, storedSchema } from '@cloudemy/mongo';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** An object of a deployment: what it is, never what is in it. */
export interface StoredObject {
  /** `group/Kind/name`; `group/Kind/prefix*` for a generated name. */
  key: string;
  api_version: string;
  kind: string;
  /** As URLs name its kind. */
  resource: { group: string; version: string; resource: string };
  /** Null until the server has chosen one. */
  name: string | null;
  generate_name: string | null;
  /** Null while it is not known to exist. */
  uid: string | null;
  document: number;
  /** As JSON, as it was sent. */
  bytes: number;
  /** It was there before and was taken over by force. */
  taken_over: boolean;
  applied_at: Date | null;
  /** Seconds after its end when the cluster deletes it by itself; null when it does not. */
  time_to_live: number | null;
  /** This service was asked to delete it, and it was still there afterwards. */
  deletion_asked: boolean;
}

/** How far a deployment got by what this service did; what the cluster makes of it is not stored. */
export type Stage = 'deploying' | 'deployed' | 'incomplete' | 'deleting' | 'deleted';

export interface Operation {
  token: string;
  kind: 'deploy' | 'delete';
  /** From then on whoever held it is taken for dead. */
  until: Date;
}

export interface StoredDeployment {
  _id: Types.ObjectId;
  name: string;
  namespace: string;
  owner: string;
  /** The same for the same set of objects, whatever is in them. */
  identity: string;
  stage: Stage;
  /** False once deleted. */
  live: boolean;
  /** What no other live deployment may hold: `namespace/` and the key of each object that has a name of its own. */
  claims: string[];
  objects: StoredObject[];
  /** Who is changing it right now. */
  operation: Operation | null;
  /** What went wrong, when `incomplete`. */
  error: string | null;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  /** It has come to where it is, and webhooks have still to be told. */
  untold?: Date;
}

export type DeploymentModel = Model<StoredDeployment>;

/** How long a deleted deployment is remembered, so that deleting it again is answered well. */
const rememberedSeconds = 7 * 24 * 3_600;

const object = new Schema<StoredObject>(
  {
    key: { type: String, required: true },
    api_version: { type: String, required: true },
    kind: { type: String, required: true },
    resource: { group: String, version: String, resource: String },
    name: { type: String, default: null },
    generate_name: { type: String, default: null },
    uid: { type: String, default: null },
    document: { type: Number, required: true },
    bytes: { type: Number, default: 0 },
    taken_over: { type: Boolean, required: true },
    applied_at: { type: Date, default: null },
    time_to_live: { type: Number, default: null },
    deletion_asked: { type: Boolean, default: false },
  },
  { _id: false, strict: 'throw' },
);

const schema = storedSchema<StoredDeployment>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    name: { type: String, required: true },
    namespace: { type: String, required: true },
    owner: { type: String, required: true },
    identity: { type: String, required: true },
    stage: { type: String, required: true },
    live: { type: Boolean, required: true },
    claims: { type: [String], required: true },
    objects: { type: [object], required: true },
    operation: {
      type: new Schema<Operation>({ token: String, kind: String, until: Date }, { _id: false }),
      default: null,
    },
    error: { type: String, default: null },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
    deleted_at: { type: Date, default: null },
    untold: { type: Date },
  },
  'deployments',
);
schema.index({ untold: 1 }, { sparse: true });
schema.index({ claims: 1 }, { unique: true, partialFilterExpression: { live: true } });
schema.index({ namespace: 1, identity: 1, live: 1 });
schema.index({ namespace: 1, 'objects.key': 1, _id: -1 });
schema.index({ 'objects.uid': 1 });
schema.index({ live: 1, _id: -1 });
schema.index({ live: 1, stage: 1 });
schema.index({ live: 1, 'objects.deletion_asked': 1 });
schema.index({ owner: 1, live: 1, _id: -1 });
schema.index({ deleted_at: 1 }, { expireAfterSeconds: rememberedSeconds });

export const deploymentModel = (connection: Connection): DeploymentModel =>
  storedModel<StoredDeployment>(connection, 'Deployment', schema);
