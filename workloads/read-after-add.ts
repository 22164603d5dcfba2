import type { Operation } from 'knossos-js';

type Seen = Pick<Operation, 'f' | 'key' | 'outcome' | 'call' | 'return'>;

/** Whether some key was read once something had been added to it: a read before that can miss nothing. */
export function readAfterAdd(history: Iterable<Seen>): boolean {
  const added = new Map<unknown, number>();
  for (const { f, key, outcome, call, return: returned } of history) {
    if (outcome !== 'ok') continue;
    if (f === 'add') added.set(key, Math.min(added.get(key) ?? Infinity, returned));
    else if ((added.get(key) ?? Infinity) < call) return true;
  }
  return false;
}
