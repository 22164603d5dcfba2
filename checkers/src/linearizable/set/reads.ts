import { grouped } from '../../grouped.ts';
import { NEVER } from '../../table/builder.ts';
import { decode } from '../../table/values.ts';
import type { Budget } from '../budget.ts';
import { illegal, type Judged } from '../judged.ts';
import { ADD, HAS, LACKS, ODD, ODDITY, READ, REMOVE, type Members } from './members.ts';

/**
 * # A set that only grows, and is read whole
 *
 * What two reads saw must lie one inside the other, so reads stand in a chain of levels, and an element was added between the last
 * level that lacks it and the first that has it. With that, and with each element added once, every operation's place
 * among the others that concern it is known:
 *
 * ```
 *   level 0: {}   ─ add 2 ─   level 1: {2}   ─ add 1, add 3 ─   level 2: {1, 2, 3}
 *                     └ who missed 2 comes before it, who found 2 behind it
 * ```
 *
 * Any order that keeps these places is legal. So each operation is given the earliest position that its own call and those before it
 * allow; the history is legal exactly if none comes behind its own return. Linear in what was read.
 */
export function judgeReads(members: Members, budget: Budget): Judged {
  if (members.kinds[ODD]) return { valid: 'unfit', because: ODDITY };
  if (members.kinds[REMOVE]) return { valid: 'unfit', because: 'elements are removed, and all of them read' };
  const chain = chainOf(members, budget);
  if ('fault' in chain) return illegal(() => withAdds(members, chain.fault));
  if ('unfit' in chain) return { valid: 'unfit', because: chain.unfit };
  const places = placesIn(members, chain, budget);
  if (places.late >= 0) return illegal(() => withAdds(members, pathTo(places.late, places.behind)));
  return { valid: true, order: () => inOrder(places) };
}

interface Chain {
  /** Reads in order of their level, and the level of each. */
  readonly reads: readonly number[];
  readonly levelOf: ReadonlyMap<number, number>;
  /** For each element the first level that has it, and the number of levels if none has it. */
  readonly since: Int32Array;
  readonly levels: number;
  /** The row that adds each element; −1 if nobody does. */
  readonly add: Int32Array;
}

function chainOf(
  members: Members,
  budget: Budget,
): Chain | { readonly fault: readonly number[] } | { readonly unfit: string } {
  const { history, kind, element, count, find } = members;
  const add = new Int32Array(count).fill(-1);
  for (let row = 0; row < history.length; row++) {
    budget.pass(row);
    if (kind[row] !== ADD) continue;
    if (add[element[row] as number] !== -1)
      return { unfit: 'something is added more than once, and all is read' };
    add[element[row] as number] = row;
  }
  const seen = (row: number): readonly unknown[] =>
    decode(history.output[row] as number, history.values) as readonly unknown[];
  const reads: number[] = [];
  for (let row = 0; row < history.length; row++) if (kind[row] === READ) reads.push(row);
  if (!reads.every((row) => Array.isArray(seen(row)))) return { unfit: 'a read saw no list' };
  reads.sort((a, b) => seen(a).length - seen(b).length);
  const since = new Int32Array(count).fill(NEVER);
  const seenBy = new Int32Array(count).fill(-1);
  const levelOf = new Map<number, number>();
  let levels = 0;
  let size = -1;
  let lastRead = -1;
  let looked = 0;
  for (const row of reads) {
    const what = seen(row);
    if (what.length > size) levels++;
    size = what.length;
    let fresh = 0;
    for (const value of what) {
      budget.pass(looked++);
      const e = find(value);
      if (e < 0 || add[e] === -1 || seenBy[e] === row) return { fault: [row] };
      seenBy[e] = row;
      if (since[e] !== NEVER) continue;
      since[e] = levels - 1;
      fresh++;
    }
    const had = lastRead < 0 ? 0 : seen(lastRead).length;
    if (what.length - fresh !== had) return { fault: [lastRead, row] };
    levelOf.set(row, levels - 1);
    lastRead = row;
  }
  for (let e = 0; e < count; e++) if (since[e] === NEVER) since[e] = levels;
  return { reads, levelOf, since, levels, add };
}

interface Places {
  /** For each row the earliest position, where it stands among those of one position, and the row whose call or place that comes from. */
  readonly time: Int32Array;
  readonly rank: Int32Array;
  readonly behind: Int32Array;
  readonly rows: readonly number[];
  /** A row that comes behind its own return; −1 if there is none. */
  readonly late: number;
}

function placesIn({ history, kind, rows, from }: Members, chain: Chain, budget: Budget): Places {
  const { call } = history;
  const { reads, levelOf, since, levels, add } = chain;
  const time = new Int32Array(history.length);
  const rank = new Int32Array(history.length);
  const behind = new Int32Array(history.length).fill(-1);
  const placed: number[] = [];
  let late = -1;
  const place = (row: number, at: number, after: number): void => {
    placed.push(row);
    rank[row] = at;
    const earliest = call[row] as number;
    const other = after < 0 ? -1 : (time[after] as number);
    time[row] = Math.max(earliest, other);
    if (other > earliest) behind[row] = after;
    if (late < 0 && (time[row] as number) > (history.return[row] as number)) late = row;
  };
  const later = (a: number, b: number): number =>
    a < 0 || (b >= 0 && (time[b] as number) > (time[a] as number)) ? b : a;

  const about = (e: number, what: number): number[] => {
    const found: number[] = [];
    for (let i = from[e] as number; i < (from[e + 1] as number); i++)
      if (kind[rows[i] as number] === what) found.push(rows[i] as number);
    return found;
  };
  const byLevel = elementsByLevel(since, levels, budget);
  const readsAt = grouped(reads, (row) => levelOf.get(row) as number);
  /** The latest of all that is placed so far and that whatever comes next has to come behind. */
  let last = -1;
  let looked = 0;
  for (let level = 0; level <= levels; level++) {
    let added = last;
    for (const e of byLevel.in(level)) {
      budget.pass(looked++);
      const adding = add[e] as number;
      const [finds, misses] = [about(e, HAS), about(e, LACKS)];
      // Whom nobody found may never have been added.
      if (adding < 0 || (level === levels && finds.length === 0 && history.return[adding] === NEVER)) {
        for (const row of misses) place(row, 0, -1);
        // Nobody can find what nobody adds.
        late = finds[0] ?? late;
        continue;
      }
      let missed = last;
      for (const row of misses) {
        place(row, 0, -1);
        missed = later(missed, row);
      }
      place(adding, 2 * level + 1, missed);
      added = later(added, adding);
      for (const row of finds) place(row, 2 * level + 2, adding);
    }
    // A level has a read, which comes behind what it saw: that it was added is not enough to come before the next.
    let read = last;
    for (const row of readsAt.get(level) ?? []) {
      place(row, 2 * level + 2, added);
      read = later(read, row);
    }
    last = read;
  }
  return { time, rank, behind, rows: placed, late };
}

/** The elements that come with each level, and with none, which is the last. */
function elementsByLevel(
  since: Int32Array,
  levels: number,
  budget: Budget,
): { in(level: number): Int32Array } {
  const from = new Int32Array(levels + 2);
  for (let e = 0; e < since.length; e++) {
    budget.pass(e);
    from[(since[e] as number) + 1]!++;
  }
  for (let level = 0; level <= levels; level++) from[level + 1]! += from[level] as number;
  const next = from.slice();
  const elements = new Int32Array(since.length);
  for (let e = 0; e < since.length; e++) {
    budget.pass(e);
    elements[next[since[e] as number]!++] = e;
  }
  return { in: (level) => elements.subarray(from[level], from[level + 1]) };
}

/** The rows that put a row where it is, and itself. */
function pathTo(row: number, behind: Int32Array): number[] {
  const path: number[] = [];
  for (let at = row; at >= 0; at = behind[at] as number) path.push(at);
  return path;
}

/** Rows with those that add what they saw or are about. */
function withAdds(
  { history, kind, element, rows, from, find }: Members,
  wanted: readonly number[],
): number[] {
  const elements = new Set<number>();
  for (const row of wanted)
    if (kind[row] === READ)
      for (const value of decode(history.output[row] as number, history.values) as readonly unknown[])
        elements.add(find(value));
    else elements.add(element[row] as number);
  const all = new Set(wanted);
  for (const e of elements)
    if (e >= 0) for (const row of rows.subarray(from[e], from[e + 1])) if (kind[row] === ADD) all.add(row);
  return [...all];
}

function inOrder({ time, rank, rows }: Places): number[] {
  return rows.toSorted(
    (a, b) => (time[a] as number) - (time[b] as number) || (rank[a] as number) - (rank[b] as number),
  );
}
