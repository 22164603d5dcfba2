import { clientOf, nodeOf } from './words.ts';
import type { Run } from './load.ts';

/** What the lanes stand for. */
export type Grouping = 'client' | 'node' | 'key';

/** Operations sorted into lanes; within a lane they are in order of call. */
export interface Lanes {
  readonly by: Grouping;
  readonly names: readonly string[];
  /** What each lane belongs to, for when there are too many to name. Lanes of a group are neighbours. */
  readonly groups: readonly string[];
  /** Of each row; −1 where its lane is folded away. */
  readonly laneOf: Int32Array;
  /** Rows, lane after lane: those of lane `l` are `rows[first[l] … first[l + 1])`. */
  readonly rows: Uint32Array;
  readonly first: Uint32Array;
  /** The longest operation of each lane: how far back one must look for those that reach into a moment. */
  readonly longest: Float64Array;
}

export function lanesOf(run: Run, by: Grouping): Lanes {
  const { laneOf, names, groups } = assigned(run, by);
  const first = new Uint32Array(names.length + 1);
  for (const lane of laneOf) first[lane + 1]!++;
  for (let lane = 0; lane < names.length; lane++) first[lane + 1]! += first[lane] as number;
  const next = first.slice(0, -1);
  const rows = new Uint32Array(laneOf.length);
  const longest = new Float64Array(names.length);
  for (let row = 0; row < laneOf.length; row++) {
    const lane = laneOf[row] as number;
    rows[next[lane]!++] = row;
    const length = (run.end[row] as number) - (run.start[row] as number);
    if (length > (longest[lane] as number)) longest[lane] = length;
  }
  return { by, names, groups, laneOf, rows, first, longest };
}

/** Only these lanes, in their order. What is in none of them has the lane −1. */
export function folded(all: Lanes, kept: ReadonlySet<number>): Lanes {
  const lanes = [...all.names.keys()].filter((lane) => kept.has(lane));
  const place = new Map(lanes.map((lane, i) => [lane, i]));
  const rowsOf = (lane: number) => all.rows.subarray(all.first[lane], all.first[lane + 1]);
  const first = new Uint32Array(lanes.length + 1);
  for (const [i, lane] of lanes.entries()) first[i + 1] = (first[i] as number) + rowsOf(lane).length;
  const rows = new Uint32Array(first.at(-1) as number);
  for (const [i, lane] of lanes.entries()) rows.set(rowsOf(lane), first[i]);
  return {
    by: all.by,
    names: lanes.map((lane) => all.names[lane] as string),
    groups: lanes.map((lane) => all.groups[lane] as string),
    laneOf: all.laneOf.map((lane) => place.get(lane) ?? -1),
    rows,
    first,
    longest: Float64Array.from(lanes, (lane) => all.longest[lane] as number),
  };
}

type Assigned = Pick<Lanes, 'laneOf' | 'names' | 'groups'>;

function assigned(run: Run, by: Grouping): Assigned {
  if (by === 'client') return byClient(run);
  const column = by === 'key' ? run.key : run.node;
  const known = by === 'key' ? run.about.keys : run.about.nodes;
  const sorted = [...known.keys()].toSorted((a, b) => naturally(known[a] ?? '', known[b] ?? ''));
  const lane = new Map(sorted.map((place, i) => [place, i]));
  // What has no key or no node gets a lane of its own behind the others, where there is such a thing.
  const rest = column.some((place) => place < 0) ? ['–'] : [];
  const names = [...sorted.map((place) => known[place] ?? ''), ...rest];
  return {
    laneOf: Int32Array.from(column, (place) => lane.get(place) ?? known.length),
    names,
    groups: names,
  };
}

/** Clients of the same node stand together, so that what hits a node is seen as one block. */
function byClient(run: Run): Assigned {
  const node = new Map<number, string>();
  for (let row = 0; row < run.start.length; row++) node.set(clientOf(run, row), nodeOf(run, row));
  const clients = [...node.keys()].toSorted(
    (a, b) => naturally(node.get(a) ?? '', node.get(b) ?? '') || a - b,
  );
  const place = new Map(clients.map((client, lane) => [client, lane]));
  const to = (client: number) => (node.get(client) ? ` → ${node.get(client)}` : '');
  return {
    laneOf: Int32Array.from({ length: run.start.length }, (_, row) => place.get(clientOf(run, row)) ?? 0),
    names: clients.map((client) => `client ${client}${to(client)}`),
    groups: clients.map((client) => `clients${to(client)}`),
  };
}

/** n2 before n10. */
export function naturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The place in `rows` of the first operation of a lane that is called at `time` or later. */
export function firstFrom(run: Run, { rows, first }: Lanes, lane: number, time: number): number {
  let [low, high] = [first[lane] as number, first[lane + 1] as number];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run.start[rows[middle] as number] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
