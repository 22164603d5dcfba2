import type { Torn } from '../format/jsonl.ts';
import { MalformedHistory, printed, whereJsonFails } from '../format/malformed.ts';
import { FAIL, INFO, OK, OPEN } from './columns.ts';
import type { Transactions } from './columns.ts';
import { TransactionsBuilder } from './builder.ts';
import { addStep } from './from-history.ts';
import type { MicroOperation } from './from-history.ts';

/**
 * Reads the neutral lines that transaction tools are converted to, one transaction a line:
 *
 * ```json
 * {"p":3,"t":"ok","i":0,"e":5,"ops":[["a","x",1],["r","y",[1,2]]]}
 * ```
 *
 * `p` is the session, `t` how it ended, `i` and `e` the places of its call and return in the order of events
 * (left out by tools that record no times; `e` is null when it never returned). A transaction's id is its line, from 0.
 */
export function readNeutralTransactions(
  source: string | Uint8Array,
  file = 'transactions.jsonl',
): Transactions {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const builder = new TransactionsBuilder();
  let id = 0;
  let torn: Torn | undefined;
  for (let from = 0, line = 1; from < text.length; line++) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(from, end);
    const row = content.trim() === '' ? undefined : parse(content, file, line, newline < 0 && id > 0);
    if (row) add(builder, row, id++, { file, line, column: 1 });
    else if (content.trim() !== '')
      torn = { line, bytes: new TextEncoder().encode(text.slice(0, from)).length };
    from = end + 1;
  }
  return { ...builder.finish(), ...(torn && { torn }) };
}

interface Row {
  readonly p: number;
  readonly t: 'ok' | 'fail' | 'info';
  readonly i?: number;
  readonly e?: number | null;
  readonly ops: readonly MicroOperation[];
}

/** A last line without a line break that does not parse was torn off when its writer was killed: nothing. */
function parse(content: string, file: string, line: number, last: boolean): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    if (last) return undefined;
    const column = whereJsonFails(error, content) + 1;
    throw new MalformedHistory({ file, line, column }, 'JSON', content.slice(column - 1));
  }
  const row = value as Partial<Row> | null;
  const where = { file, line, column: 1 };
  if (typeof row !== 'object' || row === null || !Array.isArray(row.ops))
    throw new MalformedHistory(where, 'a transaction, {"p":…,"t":…,"ops":[…]}', content);
  if (!Number.isInteger(row.p)) throw new MalformedHistory(where, '"p" to be a whole number', content);
  if (row.t !== 'ok' && row.t !== 'fail' && row.t !== 'info')
    throw new MalformedHistory(where, '"t" to be ok, fail or info', content);
  if (typeof row.e === 'number' && row.e <= (row.i ?? -1))
    throw new MalformedHistory(where, 'a return ("e") after its call ("i")', content);
  for (const place of [row.i, row.e])
    if (place !== undefined && place !== null && !(Number.isInteger(place) && place >= 0 && place < OPEN))
      throw new MalformedHistory(where, '"i" and "e" to be places in the order of events', content);
  return row as Row;
}

function add(
  builder: TransactionsBuilder,
  row: Row,
  id: number,
  where: { file: string; line: number; column: number },
): void {
  const outcome = row.t === 'ok' ? OK : row.t === 'fail' ? FAIL : INFO;
  builder.begin(id, row.p, outcome, row.i, row.e ?? undefined);
  for (const step of row.ops) {
    const [f, key] = Array.isArray(step) ? (step as readonly unknown[]) : [];
    if (typeof f !== 'string' || (typeof key !== 'string' && typeof key !== 'number'))
      throw new MalformedHistory(
        where,
        'every step to be ["r", key, value], ["w", key, value] or ["a", key, element]',
        printed(step),
      );
    // A read that came back with null read the initial value; only unsuccessful transactions do not know.
    const known =
      outcome === OK && step[0].startsWith('r') ? ([step[0], step[1], step[2] ?? null] as const) : step;
    try {
      addStep(builder, known, outcome === OK);
    } catch (error) {
      const expected =
        error instanceof RangeError ? 'values that are nested less deeply' : (error as Error).message;
      throw new MalformedHistory(where, expected);
    }
  }
}
