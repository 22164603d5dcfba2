/**
 * A file is not what its format says. The message says where, what was expected and what was there, so
 * that it can be printed as it is: `history.jsonl:17:42: expected a number after "time", found "soon"`.
 */
export class MalformedHistory extends Error {
  override readonly name = 'MalformedHistory';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;

  constructor(where: { file: string; line: number; column: number }, expected: string, found?: string) {
    const tail = found === undefined ? '' : `, found ${excerpt(found)}`;
    super(`${where.file}:${where.line}:${where.column}: expected ${expected}${tail}`);
    this.file = where.file;
    this.line = where.line;
    this.column = where.column;
    this.expected = expected;
  }
}

/** A value as JSON, for messages and names; lists and maps nested so deeply that they cannot be printed are cut out. */
export function printed(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '…';
  }
}

/**
 * Where in a text `JSON.parse` gave up. Engines say a position, or show the ten characters before what they did not expect and
 * the ten after it.
 */
export function whereJsonFails(error: unknown, text: string): number {
  const message = String(error);
  const position = /position (\d+)/.exec(message);
  if (position) return Number(position[1]);
  const [, token, before, shown] =
    /token '([\s\S]+?)', (\.\.\.)?"([\s\S]*?)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
  if (token === undefined || shown === undefined) return text.length;
  const at = text.indexOf(shown);
  return before ? at + SHOWN_BEFORE : at + shown.indexOf(token, Math.max(0, shown.length - 1 - SHOWN_BEFORE));
}

const SHOWN_BEFORE = 10;

/** The beginning of hostile or endless text, printable on one line. */
function excerpt(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return short === '' ? 'the end of the line' : JSON.stringify(short);
}
