import { APPEND, INITIAL, LIST, OK, READ, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import { unlimited, type Limits } from './limits.ts';

/**
 * Runs transactions one at a time, in the order given, against an empty store, and says what is wrong with it:
 * the independent proof that a history is serializable. It shares nothing with the search that found the order.
 */
export function replay(
  txns: Transactions,
  order: ArrayLike<number>,
  limits: Limits = unlimited(),
): string | undefined {
  const lists = Array.from(txns.keys, (): number[] => []);
  const registers = new Int32Array(txns.keys.length).fill(INITIAL);
  const done = new Uint8Array(txns.length);
  for (let i = 0; i < order.length; i++) {
    const t = order[i] as number;
    limits.step(4);
    if (done[t]) return `transaction ${t} is in the order twice`;
    done[t] = 1;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const k = txns.key[m] as number;
      const list = lists[k] as number[];
      const value = txns.value[m] as number;
      if (txns.kind[m] === APPEND) list.push(value);
      else if (txns.kind[m] === WRITE) registers[k] = value;
      else if (txns.kind[m] === READ && registers[k] !== value)
        return `step ${m} of transaction ${t} read otherwise`;
      else if (txns.kind[m] === LIST) {
        if (list.length !== txns.size[m])
          return `step ${m} of transaction ${t} read a list of another length`;
        limits.step(list.length);
        for (let e = 0; e < list.length; e++)
          if (list[e] !== txns.elements[value + e]) return `step ${m} of transaction ${t} read another list`;
      }
    }
  }
  for (let t = 0; t < txns.length; t++)
    if (txns.outcome[t] === 0 && !done[t]) return `transaction ${t} is not in the order`;
  return undefined;
}

/**
 * Whether the order also keeps every session's order, or real time; and if not, which two it turns around. Whoever's
 * outcome the client never learned may take effect after what the client did next.
 */
export function respects(
  txns: Transactions,
  order: ArrayLike<number>,
  what: 'sessions' | 'real time',
): string | undefined {
  return what === 'sessions' ? againstSessions(txns, order) : againstTime(txns, order);
}

function againstSessions(txns: Transactions, order: ArrayLike<number>): string | undefined {
  const place = new Int32Array(txns.length).fill(-1);
  for (let i = 0; i < order.length; i++) place[order[i] as number] = i;
  const last = new Int32Array(txns.processes.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    if (place[t] === -1) continue;
    const before = last[txns.process[t] as number] as number;
    if (before >= 0 && (place[before] as number) > (place[t] as number)) return `${t} comes before ${before}`;
    if (txns.outcome[t] === OK) last[txns.process[t] as number] = t;
  }
  return undefined;
}

function againstTime(txns: Transactions, order: ArrayLike<number>): string | undefined {
  let latest: number | undefined;
  for (let i = 0; i < order.length; i++) {
    const t = order[i] as number;
    if (latest !== undefined && (txns.return[t] as number) < (txns.call[latest] as number))
      return `${t} returned before ${latest} was called`;
    if (latest === undefined || (txns.call[t] as number) > (txns.call[latest] as number)) latest = t;
  }
  return undefined;
}
