import type { HistoryEvent, Operations } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { add } from '../table/tabulate.ts';
import type { ReadHistory } from './jsonl.ts';
import { MalformedHistory, printed } from './malformed.ts';

const NAMES: Readonly<Record<string, string>> = { r: 'read', w: 'write', cas: 'cas' };

/**
 * One operation a line, with the positions `i` and `e` of its call and its return in one order, `e` null if it never
 * returned; `t` says how it ended, `f` is r, w or cas, `a` the input, `o` the output. A read of 0 found the initial value.
 */
export function readNeutral<Ops extends Operations>(text: string, file: string): ReadHistory<Ops> {
  const events: { readonly event: HistoryEvent; readonly line: number }[] = [];
  const lines = text.split('\n');
  let torn: ReadHistory['torn'];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    let op: Record<string, unknown>;
    try {
      op = JSON.parse(line) as Record<string, unknown>;
    } catch {
      if (i < lines.length - 1)
        throw new MalformedHistory({ file, line: i + 1, column: 1 }, 'one operation, as JSON', line);
      torn = { line: i + 1, bytes: line.length };
      continue;
    }
    const expect = (holds: boolean, field: string, what: string): void => {
      if (!holds)
        throw new MalformedHistory(
          { file, line: i + 1, column: Math.max(0, line.indexOf(`"${field}"`)) + 1 },
          what,
          printed(op[field]),
        );
    };
    if (!isOperation(op))
      throw new MalformedHistory({ file, line: i + 1, column: 1 }, 'one operation, {"p":…,"f":…}', line);
    expect(typeof op['f'] === 'string' && Object.hasOwn(NAMES, op['f']), 'f', '"f" to be r, w or cas');
    expect(isPosition(op['i']), 'i', '"i" to be the position of the call');
    expect(
      op['e'] === null || (isPosition(op['e']) && (op['e'] as number) > (op['i'] as number)),
      'e',
      '"e" to be the position of the return, or null',
    );
    expect(['ok', 'fail', 'info'].includes(op['t'] as string), 't', '"t" to be ok, fail or info');
    expect(isPosition(op['p']), 'p', '"p" to be a process');
    expect(['number', 'string', 'undefined'].includes(typeof op['k']), 'k', '"k" to be a number or a name');
    const { process, f, key } = {
      process: op['p'] as number,
      f: NAMES[op['f'] as string] as string,
      key: op['k'] as number,
    };
    const common = { process, f, ...(key !== undefined && { key }) };
    const calls = op['i'] as number;
    const invoke = { ...common, index: calls, time: calls, type: 'invoke' as const };
    events.push({
      line: i + 1,
      event: { ...invoke, ...(op['a'] !== null && { value: initial(op['a']) }) },
    });
    if (op['e'] === null) continue;
    const type = op['t'] as 'ok' | 'fail' | 'info';
    const answer = f === 'write' || type !== 'ok' ? {} : { value: initial(op['o']) };
    events.push({
      line: i + 1,
      event: { ...common, index: op['e'] as number, time: Number.NaN, type, ...answer },
    });
  }
  const builder = new TableBuilder<Ops>();
  for (const { event, line } of events.toSorted((a, b) => a.event.index - b.event.index)) {
    const wrong = add(builder, event as HistoryEvent<Ops>);
    if (wrong !== undefined)
      throw new MalformedHistory({ file, line, column: 1 }, `an operation that can be there (${wrong})`);
  }
  return { history: builder.finish(), marks: [], ...(torn && { torn }) };
}

function isOperation(op: unknown): boolean {
  return typeof op === 'object' && op !== null && !Array.isArray(op);
}

function isPosition(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31 - 1;
}

/** A value, or the two operands of a compare-and-set. */
function initial(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => (part === 0 ? null : part));
  return value === 0 ? null : value;
}
