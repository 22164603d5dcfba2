import type { HistoryEvent, Mark, Operations } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { add, type Tabulated } from '../table/tabulate.ts';
import { INVOKE, LineScanner } from './line-scanner.ts';
import { MalformedHistory } from './malformed.ts';

/** Where a file stops making sense because its writer was killed in the middle of a line. */
export interface Torn {
  /** From 1. Everything before this line was read. */
  readonly line: number;
  readonly bytes: number;
}

export interface ReadHistory<Ops extends Operations = Operations> extends Tabulated<Ops> {
  readonly torn?: Torn;
}

/**
 * Reads `history.jsonl`: one {@link HistoryEvent} or {@link Mark} a line.
 *
 * A last line that has no line break and does not parse is a tear, left by a writer that was killed; it
 * is skipped and reported. Anything else that is not an event throws {@link MalformedHistory}, which names
 * line, column and what was expected.
 */
export function readJsonl<Ops extends Operations = Operations>(
  source: string | Uint8Array,
  file = 'history.jsonl',
): ReadHistory<Ops> {
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : source;
  const builder = new TableBuilder<Ops>();
  const scanner = new LineScanner(bytes, builder.encoder);
  const decoder = new TextDecoder();
  const marks: Mark[] = [];
  let torn: Torn | undefined;
  let line = 0;
  for (let start = 0; start < bytes.length;) {
    line++;
    const next = scanner.scan(start);
    if (next > 0) {
      const wrong = addScanned(builder, scanner);
      if (wrong !== undefined) throw notNext(wrong, { file, line });
      start = next;
      continue;
    }
    const from = start;
    const newline = bytes.indexOf(0x0a, from);
    const end = newline < 0 ? bytes.length : newline;
    start = end + 1;
    const content = decoder.decode(bytes.subarray(from, end));
    if (content.trim() === '') continue;
    try {
      const event = parseEvent<Ops>(content, { file, line });
      if (event.type === 'mark') marks.push(event);
      else {
        const wrong = add(builder, event);
        if (wrong !== undefined) throw notNext(wrong, { file, line });
      }
    } catch (error) {
      // A proper prefix of a JSON object is never JSON itself, so what parses was not torn.
      if (newline >= 0 || !(error instanceof MalformedHistory) || error.expected !== JSON_ITSELF) throw error;
      torn = { line, bytes: end - from };
    }
  }
  return { history: builder.finish(), marks, ...(torn && { torn }) };
}

/** Adds the event that was scanned last; says what is wrong with it, if anything. */
function addScanned<Ops extends Operations>(
  builder: TableBuilder<Ops>,
  scanner: LineScanner,
): string | undefined {
  const { type, index, time, process, f, key, value, node, error } = scanner;
  return type === INVOKE
    ? builder.call(index, time, process, f, key, value, node)
    : builder.end(index, time, process, f, type, value, error);
}

function notNext(wrong: string, where: { readonly file: string; readonly line: number }): MalformedHistory {
  return new MalformedHistory({ ...where, column: 1 }, `an event that can come next (${wrong})`);
}

/** One line of `history.jsonl`, without its line break. */
export function printEvent(event: HistoryEvent | Mark): string {
  return JSON.stringify(event);
}

const JSON_ITSELF = 'JSON';
const TYPES = new Set(['invoke', 'ok', 'fail', 'info', 'mark']);

function parseEvent<Ops extends Operations>(
  content: string,
  where: { readonly file: string; readonly line: number },
): HistoryEvent<Ops> | Mark {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    const at = Number(/position (\d+)/.exec(String(error))?.[1] ?? content.length);
    throw new MalformedHistory({ ...where, column: at + 1 }, JSON_ITSELF, content.slice(at));
  }
  const expect = (holds: boolean, field: string, what: string): void => {
    if (holds) return;
    const at = Math.max(0, content.indexOf(`"${field}"`));
    throw new MalformedHistory({ ...where, column: at + 1 }, what, content.slice(at));
  };
  expect(
    typeof value === 'object' && value !== null && !Array.isArray(value),
    '',
    'an event, {"index":…,"type":…}',
  );
  const event = value as Record<string, unknown>;
  expect(TYPES.has(event['type'] as string), 'type', '"type" to be invoke, ok, fail, info or mark');
  expect(Number.isInteger(event['index']), 'index', '"index" to be a whole number');
  expect(Number.isFinite(event['time']), 'time', '"time" to be a number of nanoseconds');
  if (event['type'] === 'mark') {
    expect(typeof event['name'] === 'string', 'name', '"name" to be a string');
    return value as Mark;
  }
  const { process, f, key } = event;
  expect(
    Number.isInteger(process) && Math.abs(process as number) < 2 ** 31,
    'process',
    '"process" to be a whole number',
  );
  expect(typeof f === 'string', 'f', '"f" to be a string');
  expect(
    key === undefined || typeof key === 'string' || typeof key === 'number',
    'key',
    '"key" to be a string or a number',
  );
  return value as HistoryEvent<Ops>;
}
