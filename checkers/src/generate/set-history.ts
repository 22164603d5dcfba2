import type { History, Operations } from '../history.ts';
import { FALSE, NOTHING, TRUE } from '../table/values.ts';
import { clientHistory, type ClientLoad } from './clients.ts';

/** What kind of load to make up. */
export interface SetLoad extends ClientLoad {
  /** The share of operations that read the whole set. Without any, elements are removed as well, each at most once. */
  readonly reads?: number;
}

/** Elements are asked about for so long after they were added. */
const RECENT = 50;

/** A history of one set, as a correct one could have left it. No element is added twice. */
export function setHistory<Ops extends Operations>(load: SetLoad): History<Ops> {
  const { reads = 0 } = load;
  const members = new Set<number>();
  const removed = new Set<number>();
  let added = 0;
  return clientHistory(load, (_number, _process, fraction, builder) => {
    const draw = fraction();
    const element = Math.max(0, added - Math.floor(fraction() * RECENT));
    if (draw < reads)
      return { f: 'read', input: NOTHING, effect: () => builder.encoder.append([...members]) };
    if (fraction() < 0.5)
      return { f: 'contains', input: element, effect: () => (members.has(element) ? TRUE : FALSE) };
    if (reads === 0 && fraction() < 0.4 && !removed.has(element)) {
      removed.add(element);
      return { f: 'remove', input: element, effect: () => done(members.delete(element)) };
    }
    const fresh = added++;
    return { f: 'add', input: fresh, effect: () => done(members.add(fresh)) };
  });
}

function done(_changed: unknown): number {
  return NOTHING;
}
