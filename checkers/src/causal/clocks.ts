import type { Edges } from '../transactions/graph.ts';
import type { Limits } from '../transactions/limits.ts';
import { predecessor } from './base.ts';
import type { CausalBase } from './base.ts';

/**
 * Vector clocks: `row[t · width + (s − first)]` is how many transactions of session `s` happen before `t`. Since a
 * session is a chain, that number says exactly which. They are computed for a block of sessions at a time, so that
 * memory is a choice and not a consequence of how many sessions there are.
 */
export interface Clocks {
  readonly first: number;
  readonly width: number;
  readonly row: Int32Array;
}

/** Blocks of sessions whose clocks fit into this many bytes each. */
export function blocksOf(base: CausalBase, bytes: number): { first: number; width: number }[] {
  const width = Math.max(1, Math.min(base.sessions, Math.floor(bytes / 4 / Math.max(1, base.txns.length))));
  return Array.from({ length: Math.ceil(base.sessions / width) }, (_, i) => ({
    first: i * width,
    width: Math.min(width, base.sessions - i * width),
  }));
}

/** `order` is topological; `extra` are further edges that it respects, sorted nowhere in particular. */
export function clocksOf(
  base: CausalBase,
  order: Int32Array,
  block: { first: number; width: number },
  limits: Limits,
  room?: Int32Array,
  extra?: Edges,
): Clocks {
  const { txns, source, place } = base;
  const { first, width } = block;
  const { start, process, length: n } = txns;
  const row = room && room.length >= n * width ? room.fill(0) : limits.int32(n * width);
  const into = extra ? incoming(extra, n) : undefined;
  for (let i = 0; i < order.length; i++) {
    const t = order[i] as number;
    const at = t * width;
    limits.step(width);
    const before = predecessor(base, t);
    if (before >= 0) {
      row.copyWithin(at, before * width, before * width + width);
      note(row, at, (process[before] as number) - first, width, (place[before] as number) + 1);
    }
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const q = source[m] as number;
      if (q >= 0) join(row, at, q, width, (process[q] as number) - first, (place[q] as number) + 1);
    }
    if (into)
      for (let e = into.start[t] as number; e < (into.start[t + 1] as number); e++) {
        const q = into.from[e] as number;
        join(row, at, q, width, (process[q] as number) - first, (place[q] as number) + 1);
      }
  }
  return { first, width, row };
}

/** Everything before `q` is before this row's transaction, and so is `q` itself. */
function join(row: Int32Array, at: number, q: number, width: number, session: number, count: number): void {
  const from = q * width;
  for (let s = 0; s < width; s++) {
    const there = row[from + s] as number;
    if (there > (row[at + s] as number)) row[at + s] = there;
  }
  note(row, at, session, width, count);
}

function note(row: Int32Array, at: number, session: number, width: number, count: number): void {
  if (session >= 0 && session < width && count > (row[at + session] as number)) row[at + session] = count;
}

function incoming(edges: Edges, n: number): { start: Int32Array; from: Int32Array } {
  const start = new Int32Array(n + 1);
  for (let e = 0; e < edges.length; e++) start[(edges.to[e] as number) + 1]!++;
  for (let t = 0; t < n; t++) start[t + 1]! += start[t] as number;
  const next = start.slice(0, n);
  const from = new Int32Array(edges.length);
  for (let e = 0; e < edges.length; e++) from[next[edges.to[e] as number]!++] = edges.from[e] as number;
  return { start, from };
}
