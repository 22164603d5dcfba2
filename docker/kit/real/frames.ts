import type { Readable } from 'node:stream';

/** Longer than any honest message; who sends more is cut off before it fills the memory. */
const LONGEST_FRAME = 32 << 20;

/** Hand over each line of a stream. What comes after the last newline is no message yet. */
export function onLines(stream: Readable, then: (line: string) => void, tooLong: () => void): void {
  let parts: string[] = [];
  let length = 0;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    let from = 0;
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', from)) {
      parts.push(chunk.slice(from, at));
      const line = parts.join('');
      parts = [];
      length = 0;
      from = at + 1;
      then(line);
    }
    if (from === chunk.length) return;
    parts.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > LONGEST_FRAME) tooLong();
  });
}

/** What a peer or a stranger sent, or undefined where it is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `host:port`, where the host may itself contain colons. */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
