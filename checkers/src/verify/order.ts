import type { Family } from '../transactions/levels.ts';
import { NOTHING } from './recorded.ts';
import type { Recorded, Row } from './recorded.ts';

/**
 * Checks a claimed order of transactions by running them one after another against an empty store: everything that
 * happened is there once, everyone reads what is there, and sessions and real time are kept where they are promised.
 * Says what is wrong, or `undefined`.
 */
export function wrongOrder(history: Recorded, order: readonly number[], keep: Family): string | undefined {
  if (keep === 'realtime' && !history.timed) return 'the history holds no times';
  const place = new Map<number, number>();
  const store: Store = new Map();
  let latestCall = -1;
  for (const id of order) {
    const row = history.row(id);
    if (!row || row.outcome === 'fail') return `operation ${id} did not happen`;
    if (place.has(id)) return `operation ${id} takes effect twice`;
    place.set(id, place.size);
    if (keep === 'realtime' && row.return < latestCall)
      return `operation ${id} had returned before one that takes effect earlier was called`;
    latestCall = Math.max(latestCall, row.call);
    const wrong = run(row, store);
    if (wrong !== undefined) return `operation ${id} ${wrong}`;
  }
  const sessions = new Map<number, Session>();
  for (const { id, process, outcome, call, return: returned } of history.rows()) {
    const at = place.get(id);
    if (at === undefined) {
      if (outcome === 'ok') return `operation ${id} has no place`;
      continue;
    }
    const session = sessions.get(process) ?? { last: -1, open: [] };
    sessions.set(process, session);
    for (const one of session.open) if (one.returned < call) session.last = Math.max(session.last, one.at);
    session.open = session.open.filter((one) => one.returned >= call);
    if (keep !== 'data' && at < session.last)
      return `operation ${id} takes effect before one that its process had done earlier`;
    // What its client never learned the outcome of may take effect after what it did next.
    if (outcome === 'ok') session.open.push({ returned, at });
  }
  return undefined;
}

/** How far a process has come: the latest place of what had returned, and what may overlap what it does next. */
interface Session {
  last: number;
  open: { readonly returned: number; readonly at: number }[];
}

type Store = Map<string, string | string[]>;

/** Takes a transaction's steps, or says which of them is not possible. */
function run({ steps }: Row, store: Store): string | undefined {
  for (const { f, key, value } of steps) {
    const there = store.get(key);
    if (f === 'write') store.set(key, value);
    else if (f === 'append') {
      if (Array.isArray(there)) there.push(value);
      else store.set(key, [value]);
    } else if (f === 'list' ? !sameList(there ?? [], value) : (there ?? NOTHING) !== value)
      return `cannot have read ${f === 'list' ? `[${value.join(' ')}]` : value || 'nothing'} from ${key}`;
  }
  return undefined;
}

function sameList(there: string | readonly string[], read: readonly string[]): boolean {
  return there.length === read.length && read.every((element, i) => there[i] === element);
}
