import { z } from 'zod';

/**
 * A terminal's WebSocket. Without a subprotocol, or with the first of these, every message is a JSON text frame.
 * With the second, terminal bytes travel as binary frames in both directions, what is not terminal bytes as the
 * same JSON text frames, and the server sends no more than `terminalWindowBytes` beyond what was acknowledged.
 */
export const terminalSubprotocols = {
  json: 'cloudemy.terminal.v1.json',
  binary: 'cloudemy.terminal.v1.binary',
} as const;

/** Bytes of output on the way that a client of the binary subprotocol has not acknowledged yet. */
export const terminalWindowBytes = 1_048_576;

/** Bytes one frame may have: room for a pasted megabyte in which JSON escapes every byte. */
export const maxTerminalFrameBytes = 8_388_608;

/** Columns and rows are 16-bit numbers to the kernel; nothing shows more than these. */
const cells = z.int().min(1, 'must be at least 1').max(1_000, 'must be at most 1000');

export const TerminalInputFrame = z.object({
  type: z.literal('input'),
  data: z.string().describe('What was typed or pasted.'),
});

export const TerminalResizeFrame = z.object({ type: z.literal('resize'), cols: cells, rows: cells });

export const TerminalPingFrame = z.object({
  type: z.literal('ping'),
  id: z
    .union([z.string().max(100), z.number()])
    .optional()
    .describe('Comes back in the pong.'),
});

/** Binary subprotocol only. */
export const TerminalAckFrame = z.object({
  type: z.literal('ack'),
  bytes: z.int().min(1).describe('Bytes of output written to the screen since the last one.'),
});

/** What a client sends. */
export const TerminalClientFrame = z
  .discriminatedUnion('type', [TerminalInputFrame, TerminalResizeFrame, TerminalPingFrame, TerminalAckFrame])
  .meta({ id: 'TerminalClientFrame' });
export type TerminalClientFrame = z.output<typeof TerminalClientFrame>;

/** What the server sends. */
export const TerminalServerFrame = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('ready').describe('First of all frames.'),
      session_id: z.string(),
      replay_bytes: z
        .int()
        .min(0)
        .describe('Output from before that comes first, for whoever returns to a session.'),
    }),
    z.object({ type: z.literal('output'), data: z.string() }),
    z.object({
      type: z.literal('error').describe('A frame was not understood, or something went wrong.'),
      code: z.string(),
      message: z.string(),
    }),
    z.object({
      type: z.literal('exit').describe('The session is over; the socket closes.'),
      reason: z.string().describe('As `terminalCloseCodes` names it.'),
      message: z.string(),
      exit_code: z.int().nullable().describe("The shell's, when it ended by itself."),
    }),
    z.object({ type: z.literal('pong'), id: z.union([z.string(), z.number()]).optional() }),
  ])
  .meta({ id: 'TerminalServerFrame' });
export type TerminalServerFrame = z.output<typeof TerminalServerFrame>;

/** Why a terminal's socket closed (https://www.rfc-editor.org/rfc/rfc6455#section-7.4). */
export const terminalCloseCodes = {
  shell_exited: 1000,
  shutting_down: 1001,
  protocol_error: 1008,
  message_too_big: 1009,
  internal_error: 1011,
  session_ended: 4000,
  idle_timeout: 4001,
  time_limit: 4002,
  pod_gone: 4003,
  container_ended: 4004,
  taken_over: 4005,
  too_slow: 4006,
  access_lost: 4007,
  signed_out: 4008,
  bad_ticket: 4401,
  not_found: 4404,
  rate_limited: 4429,
} as const;
export type TerminalCloseReason = keyof typeof terminalCloseCodes;

/** The same for clients that are made from the API document. */
export const TerminalClose = z.object({ code: z.int(), reason: z.string() }).meta({
  id: 'TerminalClose',
  description: `How a connection to a terminal closes. The reason begins with one of these words, which the \`exit\` frame before it has too: ${Object.entries(
    terminalCloseCodes,
  )
    .map(([word, code]) => `\`${word}\` (${code})`)
    .join(
      ', ',
    )}. A frame may have ${maxTerminalFrameBytes} bytes at most. With the subprotocol ${terminalSubprotocols.binary} no more than ${terminalWindowBytes} bytes of output are on the way beyond what was acknowledged.`,
});
