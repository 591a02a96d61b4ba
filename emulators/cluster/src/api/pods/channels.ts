import type { ExecOutcome } from '../../kubelet-contract.js';

/** Stream numbers: the first byte of every frame of the `channel.k8s.io` protocols. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

export type Protocol = 'v5.channel.k8s.io' | 'v4.channel.k8s.io';
const preferred: readonly Protocol[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** The best protocol of an offer; undefined when none is spoken. */
export function chooseProtocol(header: string | undefined): Protocol | undefined {
  const offered = (header ?? '').split(',').map((text) => text.trim());
  return preferred.find((protocol) => offered.includes(protocol));
}

function failure(message: string, reason: string, causes: object[], code?: number): object {
  return {
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details: { causes },
    ...(code === undefined ? {} : { code }),
  };
}

/** The status frame a session ends with. */
export function outcomeStatus(outcome: ExecOutcome): object {
  if (outcome.kind === 'failed') {
    const why = `error executing command in container: ${outcome.message}`;
    return failure(`Internal error occurred: ${why}`, 'InternalError', [{ message: why }], 500);
  }
  if (outcome.exitCode === 0) {
    return { metadata: {}, status: 'Success' };
  }
  const { exitCode } = outcome;
  const detail = `command terminated with exit code ${exitCode}`;
  return failure(`command terminated with non-zero exit code: ${detail}`, 'NonZeroExitCode', [
    { reason: 'ExitCode', message: String(exitCode) },
  ]);
}

/** Cells of a resize frame: `{"Width":80,"Height":24}` in any case; undefined when it says nothing usable. */
export function parseResize(payload: Buffer): { columns: number; rows: number } | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    const fields = new Map(
      Object.entries(typeof value === 'object' && value !== null ? value : {}).map(([key, size]) => [
        key.toLowerCase(),
        Number(size),
      ]),
    );
    const columns = fields.get('width') ?? 0;
    const rows = fields.get('height') ?? 0;
    return columns > 0 && rows > 0 && columns < 65_536 && rows < 65_536 ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
