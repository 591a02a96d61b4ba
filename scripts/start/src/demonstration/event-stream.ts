/** One Server-Sent Event. */
export interface StreamedEvent {
  event: string;
  id: string | undefined;
  data: string;
}

/** The events of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html); comments are passed over. */
export async function* streamedEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      const field = (name: string): string[] =>
        lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
      const data = field('data');
      if (data.length === 0) continue;
      yield { event: field('event').at(-1) ?? 'message', id: field('id').at(-1), data: data.join('\n') };
    }
  }
}
