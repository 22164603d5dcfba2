import type { History } from '../history.ts';
import { canonical, decode } from '../table/values.ts';

/** No operation. */
export const NONE: number = -1;

/** What became of one element. Operations are rows of the history of its set. */
export interface Element {
  readonly value: unknown;
  /** The operation that added it, and `'ok'`, `'fail'` or `'info'` as it ended; {@link NONE} if nobody did. */
  add: number;
  /** The first operation to return that shows it to be there: its add, or a read. */
  known: number;
  /** Among reads that found it: the one called last, and the one called first. */
  lastFound: number;
  firstFound: number;
  /** Among reads called after it was known: the one called last that did not find it, and how many there are since it was last found. */
  lastMissed: number;
  missedSince: number;
  /** A read that found it more than once, and how often. */
  twice: number;
  times: number;
}

/**
 * Follows every element of one set through all reads. Reads are looked at from the last to the first, each together
 * with the elements not yet missed, so the cost is the size of all reads, not adds times reads.
 */
export function sightings(history: History): readonly Element[] {
  const elements: Element[] = [];
  const places = new Map<unknown, number>();
  const place = (value: unknown): number => {
    const name = typeof value === 'object' ? canonical(value) : value;
    let at = places.get(name);
    if (at === undefined) {
      at =
        elements.push({
          value,
          add: NONE,
          known: NONE,
          lastFound: NONE,
          firstFound: NONE,
          lastMissed: NONE,
          missedSince: 0,
          twice: NONE,
          times: 0,
        }) - 1;
      places.set(name, at);
    }
    return at;
  };

  const add = history.names.indexOf('add');
  const read = history.names.indexOf('read');
  const reads: { readonly row: number; readonly found: Int32Array }[] = [];
  const earlier = (known: number, row: number): number =>
    known === NONE || (history.return[row] as number) < (history.return[known] as number) ? row : known;
  for (let row = 0; row < history.length; row++) {
    if (history.f[row] === add) {
      const element = elements[place(decode(history.input[row] as number, history.values))] as Element;
      // An element that is added again after a failure counts as added by the attempt that may have worked.
      if (element.add === NONE || history.outcome[element.add] === 1) element.add = row;
      if (history.outcome[row] === 0) element.known = earlier(element.known, row);
    } else if (history.f[row] === read && history.outcome[row] === 0) {
      const output = decode(history.output[row] as number, history.values);
      reads.push({ row, found: Int32Array.from(Array.isArray(output) ? output : [], place) });
    }
  }

  const stamp = new Int32Array(elements.length).fill(-1);
  for (const [turn, { row, found }] of reads.entries())
    for (const at of found) {
      const element = elements[at] as Element;
      if (stamp[at] === turn) {
        element.times = element.twice === row ? element.times + 1 : 2;
        element.twice = row;
        continue;
      }
      stamp[at] = turn;
      if (element.firstFound === NONE) element.firstFound = row;
      element.lastFound = row;
      element.known = earlier(element.known, row);
    }

  stamp.fill(-1);
  let open = Int32Array.from(elements.keys()).filter((at) => elements[at]?.known !== NONE);
  for (const [turn, { row, found }] of reads.toReversed().entries()) {
    for (const at of found) stamp[at] = turn;
    open = open.filter((at) => {
      const element = elements[at] as Element;
      if ((history.call[row] as number) < (history.return[element.known] as number)) return false;
      if (stamp[at] === turn) return element.lastMissed === NONE;
      if (element.lastMissed === NONE) element.lastMissed = row;
      if (element.lastFound === NONE || row > element.lastFound) element.missedSince++;
      return element.lastFound === NONE || row > element.lastFound;
    });
  }
  return elements;
}
