import type { HistoryEvent, Operations } from '../history.ts';
import { tabulate } from '../table/tabulate.ts';
import type { ReadHistory } from './jsonl.ts';
import { MalformedHistory } from './malformed.ts';

const NAMES: Readonly<Record<string, string>> = { r: 'read', w: 'write', cas: 'cas' };

/**
 * One operation a line, with the positions `i` and `e` of its call and its return in one order, `e` null if it never
 * returned; `t` says how it ended, `f` is r, w or cas, `a` the input, `o` the output. A read of 0 found the initial value.
 */
export function readNeutral<Ops extends Operations>(text: string, file: string): ReadHistory<Ops> {
  const events: HistoryEvent[] = [];
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
          { file, line: i + 1, column: line.indexOf(`"${field}"`) + 1 },
          what,
          JSON.stringify(op[field]) ?? '',
        );
    };
    expect(typeof op['f'] === 'string' && op['f'] in NAMES, 'f', '"f" to be r, w or cas');
    expect(Number.isInteger(op['i']), 'i', '"i" to be the position of the call');
    expect(
      op['e'] === null || (Number.isInteger(op['e']) && (op['e'] as number) > (op['i'] as number)),
      'e',
      '"e" to be the position of the return, or null',
    );
    expect(['ok', 'fail', 'info'].includes(op['t'] as string), 't', '"t" to be ok, fail or info');
    expect(Number.isInteger(op['p']), 'p', '"p" to be a process');
    const { process, f, key } = {
      process: op['p'] as number,
      f: NAMES[op['f'] as string] as string,
      key: op['k'] as number,
    };
    const common = { process, f, ...(key !== undefined && { key }) };
    const calls = op['i'] as number;
    events.push({
      ...common,
      index: calls,
      time: calls,
      type: 'invoke',
      ...(op['a'] !== null && { value: initial(op['a']) }),
    });
    if (op['e'] === null) continue;
    const type = op['t'] as 'ok' | 'fail' | 'info';
    const answer = f === 'write' || type !== 'ok' ? {} : { value: initial(op['o']) };
    events.push({ ...common, index: op['e'] as number, time: Number.NaN, type, ...answer });
  }
  return {
    ...tabulate<Ops>(events.toSorted((a, b) => a.index - b.index) as HistoryEvent<Ops>[]),
    ...(torn && { torn }),
  };
}

function initial(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(initial);
  return value === 0 ? null : value;
}
