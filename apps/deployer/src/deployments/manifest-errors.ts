import type { FieldError } from '@cloudemy/contracts';
import type { ManifestDocument, ManifestProblem, PolicyFinding, ServerProblem } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';

/** One thing that is wrong with a document, and whose fault it is. */
export interface Fault {
  /** `manifest`: correct the YAML. `ownership`: somebody else has it. The others are the cluster's. */
  blame: 'manifest' | 'ownership' | 'cluster' | 'outage';
  error: FieldError;
}

/** A fault found while reading the text. */
export function fromParser({ document, line, column, path, code, message }: ManifestProblem): Fault {
  // A number in a Secret is a secret, and the parser quotes what it cannot take.
  const words =
    code === 'number_not_exact' && /^(items\[\d+\]\.)?(data|stringData)\b/.test(path ?? '')
      ? 'the number cannot be carried exactly; put it in quotes if it is meant as text'
      : message;
  return {
    blame: 'manifest',
    error: { in: 'body', path: path ?? '', reason: words, document, line, column },
  };
}

/** Something the policy forbids. */
export function fromPolicy(document: ManifestDocument, finding: PolicyFinding): Fault {
  const reason = `${finding.message}: ${finding.remedy}`;
  return { blame: 'manifest', error: at(document, finding.field, reason) };
}

/** Something the API server did not take. */
export function fromServer(document: ManifestDocument, problem: ServerProblem): Fault {
  const blame = isUnreadableSecret(document, problem) ? 'manifest' : blameOf(problem);
  return { blame, error: at(document, problem.path ?? '', wordsOf(document, problem)) };
}

/** A fault of a whole document. */
export function faultAt(
  document: ManifestDocument,
  blame: Fault['blame'],
  path: string,
  reason: string,
): Fault {
  return { blame, error: at(document, path, reason) };
}

/** In words, with what to do about it. */
export function wordsOf(document: ManifestDocument, problem: ServerProblem): string {
  const { message, remedy } = problem;
  if (isUnreadableSecret(document, problem))
    return `${message}: the values of data must be base64; stringData takes plain text`;
  return remedy === undefined ? message : `${message}: ${remedy}`;
}

/** All faults as one answer, by whose they are: what the caller can mend comes first. */
export function refusal(faults: readonly Fault[]): ProblemError {
  const errors = faults.map(({ error }) => error);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  const where = first?.document === undefined ? '' : `Document ${first.document}, line ${first.line}: `;
  const what = `${first?.path === '' || first === undefined ? '' : `${first.path}: `}${first?.reason ?? ''}`;
  const detail = `${where}${what}${more}. Nothing was changed.`;
  const blames = new Set(faults.map(({ blame }) => blame));
  if (blames.has('outage')) return new ProblemError('unavailable', { detail, errors, retryAfter: 2 });
  if (blames.has('manifest')) return new ProblemError('invalid_manifest', { detail, errors });
  if (blames.has('ownership')) return new ProblemError('object_conflict', { detail, errors });
  return new ProblemError('cluster_error', { detail, errors });
}

/**
 * Server-side apply answers data that is not base64 with a 500 like any other. Its words are withheld, as they
 * may quote the Secret; hardly anything else can be wrong with one.
 */
const isUnreadableSecret = ({ object }: ManifestDocument, { code }: ServerProblem): boolean =>
  object.kind === 'Secret' && code === 'server_error';

function blameOf({ code }: ServerProblem): Fault['blame'] {
  switch (code) {
    case 'unreachable':
    case 'busy':
      return 'outage';
    case 'forbidden':
    case 'server_error':
      return 'cluster';
    case 'conflict':
    case 'exists':
      return 'ownership';
    default:
      return 'manifest';
  }
}

function at(document: ManifestDocument, path: string, reason: string): FieldError {
  const { line, column } = document.positionOf(path);
  return {
    in: 'body',
    path: path.replace(/^\./, ''),
    reason: reason.slice(0, 2_000),
    document: document.index,
    line,
    column,
  };
}
