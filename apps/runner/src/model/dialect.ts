import { type Message, schemaInWords } from '../prompt/messages.js';
import type { EndpointError } from './endpoint-error.js';
import type { Question } from './question.js';

/** What of its API an endpoint or model turned out to understand. */
export interface Dialect {
  /** How the form of the answer is asked for; `words`: in the prompt alone. */
  structure: 'json_schema' | 'json_object' | 'words';
  limit: 'max_completion_tokens' | 'max_tokens' | 'max_output_tokens' | 'none';
  temperature: boolean;
  /** Whether there are messages of the system. */
  system: boolean;
}

/** Statuses by which an endpoint refuses a request for what stands in it. */
const refusals: readonly number[] = [400, 422];
/** Statuses by which some refuse the form of the answer, when they name it: no provider, or no grammar for it. */
const formRefusals: readonly number[] = [404, 500, 501];

/**
 * The dialect to try next after a request was refused; undefined when there is none simpler. Every step gives up
 * something for good, so a stubborn endpoint is asked seven times and no more.
 */
export function simplerDialect(error: EndpointError, dialect: Dialect): Dialect | undefined {
  const known = refusals.includes(error.status)
    ? steps
    : formRefusals.includes(error.status)
      ? [formStep]
      : [];
  const named = known.find(
    ({ pattern, take }) => pattern.test(wordsOf(error)) && take(dialect) !== undefined,
  );
  if (named !== undefined) return named.take(dialect);
  // It complains in words that we do not know: one last try with what every endpoint knows.
  if (!refusals.includes(error.status) || isAboutContent(error) || isPlainest(dialect)) return undefined;
  return plainest(dialect);
}

const wordsOf = ({ param, said, marks }: EndpointError): string => `${param} ${said} ${marks}`;

/** The request was understood, and refused for what the submission makes of it. */
export function isAboutContent(error: EndpointError): boolean {
  return /content.?(?:filter|policy|management)|context.?(?:length|window|size)|too (?:long|large|many tokens)|maximum.{0,20}(?:tokens|length)|prompt.{0,20}(?:exceeds|long)|reduce the length/i.test(
    wordsOf(error),
  );
}

interface Step {
  /** What a complaint about it says. */
  pattern: RegExp;
  /** The dialect without it; undefined when it is gone already. */
  take: (dialect: Dialect) => Dialect | undefined;
}

const formStep: Step = {
  pattern: /response_format|json_schema|json_object|structured|grammar|json mode|text\.format|guided/i,
  take: (dialect) => {
    if (dialect.structure === 'words') return undefined;
    return { ...dialect, structure: dialect.structure === 'json_schema' ? 'json_object' : 'words' };
  },
};

const steps: readonly Step[] = [
  formStep,
  {
    pattern: /max_completion_tokens/,
    take: (dialect) =>
      dialect.limit === 'max_completion_tokens' ? { ...dialect, limit: 'max_tokens' } : undefined,
  },
  {
    pattern: /max_(?:output_)?tokens/,
    take: (dialect) => (dialect.limit === 'none' ? undefined : { ...dialect, limit: 'none' }),
  },
  {
    pattern: /temperature/,
    take: (dialect) => (dialect.temperature ? { ...dialect, temperature: false } : undefined),
  },
  {
    pattern: /system|developer|instructions|roles? must alternate|first message|user\/assistant/i,
    take: (dialect) => (dialect.system ? { ...dialect, system: false } : undefined),
  },
];

function plainest({ limit }: Dialect): Dialect {
  return {
    structure: 'words',
    limit: limit === 'max_output_tokens' ? limit : 'max_tokens',
    temperature: false,
    system: false,
  };
}

const isPlainest = ({ structure, temperature, system }: Dialect): boolean =>
  structure === 'words' && !temperature && !system;

/** The messages of a question, with the schema in words where the API is not given it, in the roles there are. */
export function messagesIn({ messages, schema }: Question, dialect: Dialect): Message[] {
  const said = dialect.structure === 'json_schema' ? [...messages] : [...messages, schemaInWords(schema)];
  return dialect.system ? said : withoutSystem(said);
}

/** What the system says, said by the user; neighbours of one role become one message, as some templates demand. */
function withoutSystem(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const { role: given, content } of messages) {
    const role = given === 'system' ? 'user' : given;
    const last = merged.at(-1);
    if (last?.role === role) last.content += `\n\n${content}`;
    else merged.push({ role, content });
  }
  return merged;
}
