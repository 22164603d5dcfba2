import type { History } from '../history.ts';
import { APPEND, FAIL, INITIAL, LIST, OK, OPEN, READ, UNREAD, WRITE } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';
import { stepsOf } from '../transactions/from-history.ts';

/** What was recorded of one operation, read again as plain data: proofs are checked with nothing that found them. */
export interface Row {
  readonly id: number;
  readonly process: number;
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly call: number;
  /** `Infinity` where the outcome is unknown. */
  readonly return: number;
  /** In program order. Reads whose answer nobody knows are left out: they say nothing. */
  readonly steps: readonly Step[];
}

/** Values as JSON. A register of {@link NOTHING} was never written; an empty list is a list of nothing. */
export type Step =
  | { readonly f: 'write'; readonly key: string; readonly value: string }
  | { readonly f: 'append'; readonly key: string; readonly value: string }
  | { readonly f: 'read'; readonly key: string; readonly value: string }
  | { readonly f: 'list'; readonly key: string; readonly value: readonly string[] };

export const NOTHING = '';

/** A history of reads and writes, or of transactions of them. */
export interface Recorded {
  readonly timed: boolean;
  /** `undefined` where there is no such operation, or it has nothing to do with reads and writes. */
  row(id: number): Row | undefined;
  /** In the order of the history, which is that of every process. */
  rows(): Iterable<Row>;
}

export function recorded(from: History | Transactions): Recorded {
  return 'processes' in from ? ofTransactions(from) : ofHistory(from);
}

function ofHistory(history: History): Recorded {
  const row = (id: number): Row | undefined => {
    if (!(Number.isInteger(id) && id >= 0 && id < history.length)) return undefined;
    const { process, outcome, call, return: returned, f, key, input, output } = history.operation(id);
    const ok = outcome === 'ok';
    const micro = stepsOf(f, key, input, output, ok);
    if (!micro) return undefined;
    const steps = micro.flatMap(([name, at, value]): Step[] => {
      if (name.startsWith('a')) return [{ f: 'append', key: json(at), value: json(value) }];
      if (name.startsWith('w')) return [{ f: 'write', key: json(at), value: json(value) }];
      return ok && value !== undefined ? [readOf(json(at), value)] : [];
    });
    return { id, process, outcome, call, return: returned, steps };
  };
  return {
    timed: true,
    row,
    *rows() {
      for (let id = 0; id < history.length; id++) {
        const here = row(id);
        if (here) yield here;
      }
    },
  };
}

function ofTransactions(txns: Transactions): Recorded {
  const places = new Map(Array.from(txns.operation, (id, t) => [id, t]));
  const value = (v: number): unknown => (v === INITIAL ? null : txns.versionValue[v]);
  const stepOf = (m: number): Step[] => {
    const key = json(txns.keys[txns.key[m] as number]);
    const v = txns.value[m] as number;
    switch (txns.kind[m]) {
      case UNREAD:
        return [];
      case APPEND:
        return [{ f: 'append', key, value: json(value(v)) }];
      case WRITE:
        return [{ f: 'write', key, value: json(value(v)) }];
      case READ:
        return [readOf(key, value(v))];
      case LIST:
        return [readOf(key, Array.from(txns.elements.subarray(v, v + (txns.size[m] as number)), value))];
      default:
        throw new Error(`no such kind of step: ${txns.kind[m]}`);
    }
  };
  const rowAt = (t: number): Row => {
    const steps: Step[] = [];
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) steps.push(...stepOf(m));
    // Without times a session is in the order in which it is listed.
    const returned = (txns.timed ? txns.return[t] : txns.call[t]) as number;
    return {
      id: txns.operation[t] as number,
      process: txns.processes[txns.process[t] as number] as number,
      outcome: txns.outcome[t] === OK ? 'ok' : txns.outcome[t] === FAIL ? 'fail' : 'info',
      call: txns.call[t] as number,
      return: returned === OPEN ? Infinity : returned,
      steps,
    };
  };
  return {
    timed: txns.timed,
    row: (id) => (places.has(id) ? rowAt(places.get(id) as number) : undefined),
    *rows() {
      for (let t = 0; t < txns.length; t++) yield rowAt(t);
    },
  };
}

function readOf(key: string, value: unknown): Step {
  if (Array.isArray(value)) return { f: 'list', key, value: value.map(json) };
  return { f: 'read', key, value: value === null ? NOTHING : json(value) };
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
