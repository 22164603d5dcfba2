import type { Budget } from '../linearizable/budget.ts';
import { READ } from '../linearizable/register/steps.ts';
import { NEVER } from '../table/builder.ts';
import { rowsByKey } from '../table/table.ts';
import type { Ages } from './ages.ts';
import { behindAtMost } from './orders.ts';
import type { Conflict } from './slack.ts';
import { twoAtomic, type KeyVersions } from './two-versions.ts';
import { INITIAL, type Versions } from './versions.ts';

/** For each key, at key + 1, the least k of which its history may be k-atomic, and one of which it is. */
export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Versions of a key among which, with their reads, no order lets every read return one of the last two. */
  readonly refuted: ReadonlyMap<number, readonly number[]>;
}

/**
 * What is known of k. A key without conflicts is 1-atomic, exactly (Gibbons and Korach, 1997). Where 2 is possible, and the
 * orders that were tried need more, whether it is 2 is decided exactly too, if that is asked for.
 */
export function bounds(
  versions: Versions,
  ages: Ages,
  slack: readonly Conflict[],
  decideTwo: boolean,
  budget: Budget,
): Bounds | undefined {
  const { steps, exact } = versions;
  const { kind, history, length } = steps;
  const low = new Float64Array(exact.length).fill(1);
  const high = new Float64Array(exact.length).fill(Infinity);
  for (let i = 0; i < length; i++) {
    if (kind[i] !== READ) continue;
    const k = (history.key[i] as number) + 1;
    low[k] = Math.max(low[k] as number, (ages.behind[i] as number) + 1);
  }
  const inConflict = new Set(slack.map(({ key }) => key + 1));
  for (let k = 0; k < exact.length; k++) {
    if (!exact[k]) continue;
    if (inConflict.has(k)) low[k] = Math.max(low[k] as number, 2);
    else high[k] = 1;
  }
  if (inConflict.size > 0) {
    const atMost = behindAtMost(versions, ages, budget);
    for (const k of inConflict) high[k] = (atMost[k] as number) + 1;
  }
  const refuted = new Map<number, readonly number[]>();
  const unsure = Array.from(low.keys()).filter((k) => exact[k] && low[k] === 2 && (high[k] as number) > 2);
  if (!decideTwo || unsure.length === 0) return { low, high, refuted };
  const groups = new Map(rowsByKey(history).map(({ key, rows }) => [key + 1, rows]));
  for (const k of unsure) {
    const { part, origin } = only(versions, ages, k, groups.get(k) as Int32Array);
    const answer = twoAtomic(part, budget);
    if (answer === undefined) return undefined;
    if (answer === true) high[k] = 2;
    else {
      low[k] = 3;
      refuted.set(
        k,
        answer.map((v) => origin[v] as number),
      );
    }
  }
  return { low, high, refuted };
}

/** The versions of one key that were certainly there at some time, and what saw them. */
function only(
  { steps: { kind }, at, begin, first, call, writer, seen }: Versions,
  { order }: Ages,
  k: number,
  rows: Int32Array,
): { readonly part: KeyVersions; readonly origin: Int32Array } {
  const from = begin[k] as number;
  const place = new Int32Array((begin[k + 1] as number) - from);
  const origin = new Int32Array(place.length);
  let versions = 0;
  for (let v = from; v < (begin[k + 1] as number); v++) {
    if (first[v] === NEVER) continue;
    place[v - from] = versions;
    origin[versions++] = v;
  }
  const reads = rows.filter((row) => kind[row] === READ && (seen[row] as number) >= 0);
  const part = {
    call: new Int32Array(versions),
    return: new Int32Array(versions).fill(-1),
    first: new Int32Array(versions),
    byFirst: new Int32Array(versions),
    readCall: new Int32Array(reads.length),
    readReturn: new Int32Array(reads.length),
    saw: new Int32Array(reads.length),
  };
  for (let i = 0; i < versions; i++) {
    const v = origin[i] as number;
    part.call[i] = call[v] as number;
    part.first[i] = first[v] as number;
    part.byFirst[i] = place[(order[from + i] as number) - from] as number;
    if (writer[v] !== INITIAL) part.return[i] = at.return[writer[v] as number] as number;
  }
  for (let i = 0; i < reads.length; i++) {
    const row = reads[i] as number;
    part.readCall[i] = at.call[row] as number;
    part.readReturn[i] = at.return[row] as number;
    part.saw[i] = place[(seen[row] as number) - from] as number;
  }
  return { part, origin: origin.subarray(0, versions) };
}
