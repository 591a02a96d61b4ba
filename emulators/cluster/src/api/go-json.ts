/** Says what is wrong with a JSON text in the words of Go's decoder; the text must be wrong. */
export function goJsonError(text: string): string {
  let position = 0;
  const end = 'unexpected end of JSON input';

  function space(): void {
    while (position < text.length && ' \t\r\n'.includes(text[position] ?? '')) {
      position += 1;
    }
  }

  function bad(where: string): string {
    const character = text[position];
    return character === undefined ? end : `invalid character '${character}' ${where}`;
  }

  function string(): string | undefined {
    position += 1;
    while (position < text.length && text[position] !== '"') {
      if ((text.charCodeAt(position) || 0) < 0x20) {
        return bad('in string literal');
      }
      position += text[position] === '\\' ? 2 : 1;
    }
    if (position >= text.length) {
      return end;
    }
    position += 1;
    return undefined;
  }

  function members(close: string, member: () => string | undefined, after: string): string | undefined {
    position += 1;
    space();
    if (text[position] === close) {
      position += 1;
      return undefined;
    }
    for (;;) {
      const fault = member();
      if (fault !== undefined) {
        return fault;
      }
      space();
      if (text[position] === close) {
        position += 1;
        return undefined;
      }
      if (text[position] !== ',') {
        return bad(after);
      }
      position += 1;
      space();
    }
  }

  function pair(): string | undefined {
    if (text[position] !== '"') {
      return bad('looking for beginning of object key string');
    }
    const fault = string();
    if (fault !== undefined) {
      return fault;
    }
    space();
    if (text[position] !== ':') {
      return bad('after object key');
    }
    position += 1;
    return value();
  }

  function value(): string | undefined {
    space();
    switch (text[position]) {
      case '{':
        return members('}', pair, 'after object key:value pair');
      case '[':
        return members(']', value, 'after array element');
      case '"':
        return string();
      default: {
        const literal = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(
          text.slice(position, position + 400),
        );
        if (literal === null) {
          return bad('looking for beginning of value');
        }
        position += literal[0].length;
        return undefined;
      }
    }
  }

  const fault = value();
  if (fault !== undefined) {
    return fault;
  }
  space();
  return bad('after top-level value');
}
