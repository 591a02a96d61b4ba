/**
 * The remote command protocol of Kubernetes over WebSocket: the first byte of a binary message names the
 * channel. https://kubernetes.io/docs/reference/using-api/ — `v5.channel.k8s.io` adds closing stdin to v4.
 */
export const SUBPROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

export const Channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

/** Sizes are unsigned 16-bit numbers on the server. */
const LARGEST_SIDE = 65_535;

/** A message for a channel. */
export function frame(channel: number, payload: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(payload.length + 1);
  message[0] = channel;
  message.set(payload, 1);
  return message;
}

/**
 * A resize message, or undefined for a size that is none. The server drops a zero, but after one malformed
 * size it blocks the whole session: nothing but two whole numbers in range may ever be sent.
 */
export function resizeFrame(columns: number, rows: number): Buffer | undefined {
  const width = clampSide(columns);
  const height = clampSide(rows);
  if (width === undefined || height === undefined) return undefined;
  return frame(Channel.resize, Buffer.from(JSON.stringify({ Width: width, Height: height })));
}

function clampSide(side: number): number | undefined {
  const whole = Math.trunc(side);
  return whole >= 1 ? Math.min(whole, LARGEST_SIDE) : undefined;
}
