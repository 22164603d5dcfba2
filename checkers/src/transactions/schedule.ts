import { INITIAL, OPEN, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import { components } from './components.ts';
import type { Graph } from './graph.ts';
import { OWN } from './register-reads.ts';
import type { RegisterReads } from './register-reads.ts';
import type { RegisterVersions } from './register-versions.ts';

/**
 * Guesses in which order register transactions took effect, by running them: a transaction may go when everything
 * that must precede it has gone, and when nobody still waits to read what it would overwrite. Among those that may,
 * the one that is needed first goes first: whoever returned first, or must precede somebody who did. When nobody may, somebody is let through regardless, and the guess is wrong
 * somewhere; whoever asked will find the cycle and mend it.
 *
 * Returns each transaction's position; O((n + edges) log n).
 */
export function guessOrder(
  txns: Transactions,
  reads: RegisterReads,
  versions: RegisterVersions,
  certain: Graph,
): Int32Array {
  const { start, kind, key, value } = txns;
  const n = txns.length;
  const position = new Int32Array(n).fill(-1);
  const degree = new Int32Array(certain.nodes);
  for (let e = 0; e < certain.to.length; e++) degree[certain.to[e] as number]!++;
  /** Readers still to come of each version, and of each key's initial value. */
  const waiting = Int32Array.from(
    { length: txns.versions },
    (_, v) => (versions.readersStart[v + 1] as number) - (versions.readersStart[v] as number),
  );
  const waitingInitial = Int32Array.from(
    { length: txns.keys.length },
    (_, k) => (versions.initialStart[k + 1] as number) - (versions.initialStart[k] as number),
  );
  const current = new Int32Array(txns.keys.length).fill(INITIAL);
  const parked = new Int32Array(txns.keys.length).fill(-1);
  const parkedNext = new Int32Array(n).fill(-1);
  const hint = deadlines(txns, certain);
  const ready = new Heap(hint);
  const stuck = new Heap(hint);
  const isStuck = new Uint8Array(n);
  const junctions: number[] = [];
  const free = (v: number): void => {
    if (v >= n) junctions.push(v);
    else if (reads.happened[v]) ready.push(v);
  };
  for (let v = 0; v < certain.nodes; v++) if (degree[v] === 0) free(v);
  const release = (v: number): void => {
    for (let e = certain.start[v] as number; e < (certain.start[v + 1] as number); e++) {
      const w = certain.to[e] as number;
      if (--degree[w]! === 0) free(w);
    }
  };
  /** A key of the transaction that somebody else still has to read, or −1. */
  const blockedOn = (t: number): number => {
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== WRITE) continue;
      const k = key[m] as number;
      const now = current[k] as number;
      const others = now === INITIAL ? (waitingInitial[k] as number) : (waiting[now] as number);
      if (others > 0 && others > ownReads(txns, reads, t, k, now)) return k;
    }
    return -1;
  };
  const wake = (k: number): void => {
    for (let t = parked[k] as number; t !== -1;) {
      const after = parkedNext[t] as number;
      isStuck[t] = 0;
      ready.push(t);
      t = after;
    }
    parked[k] = -1;
  };
  let placed = 0;
  const happened = reads.happened.reduce((sum, each) => sum + each, 0);
  const go = (t: number): void => {
    position[t] = placed++;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const k = key[m] as number;
      if (reads.source[m] !== OWN) {
        const v = value[m] as number;
        const left = v === INITIAL ? --waitingInitial[k]! : --waiting[v]!;
        if (left <= 1) wake(k);
      }
    }
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (kind[m] === WRITE) {
        current[key[m] as number] = value[m] as number;
        wake(key[m] as number);
      }
    release(t);
  };
  let byHint: Int32Array | undefined;
  let passed = 0;
  for (;;) {
    while (junctions.length > 0) release(junctions.pop() as number);
    if (ready.size > 0) {
      const t = ready.pop();
      if ((position[t] as number) >= 0) continue;
      const k = blockedOn(t);
      if (k < 0) {
        go(t);
        continue;
      }
      parkedNext[t] = parked[k] as number;
      parked[k] = t;
      isStuck[t] = 1;
      stuck.push(t);
      continue;
    }
    if (stuck.size === 0) {
      // Whoever is left waits for each other in a circle.
      if (placed === happened) return position;
      byHint ??= inHintOrder(reads, hint);
      while (passed < byHint.length && (position[byHint[passed] as number] as number) >= 0) passed++;
      if (passed === byHint.length) return position;
      go(byHint[passed] as number);
      continue;
    }
    const t = stuck.pop();
    if (isStuck[t] && (position[t] as number) < 0) go(t);
  }
}

/** By when each transaction must have gone: its own return, and that of everyone who comes after it. */
function deadlines(txns: Transactions, certain: Graph): Int32Array {
  const n = txns.length;
  const deadline = new Int32Array(certain.nodes).fill(OPEN);
  for (let t = 0; t < n; t++) deadline[t] = txns.timed ? (txns.return[t] as number) : t;
  for (const v of components(certain).order)
    for (let e = certain.start[v] as number; e < (certain.start[v + 1] as number); e++) {
      const after = deadline[certain.to[e] as number] as number;
      if (after < (deadline[v] as number)) deadline[v] = after;
    }
  return deadline.subarray(0, n);
}

function inHintOrder(reads: RegisterReads, hint: Int32Array): Int32Array {
  const members = Int32Array.from(hint.keys()).filter((t) => reads.happened[t] === 1);
  return members.toSorted((a, b) => (hint[a] as number) - (hint[b] as number));
}

/** Whether the transaction itself is one of those who still have to read this version. */
function ownReads(txns: Transactions, reads: RegisterReads, t: number, k: number, version: number): number {
  for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
    if (txns.key[m] === k && reads.source[m] !== OWN && txns.value[m] === version) return 1;
  return 0;
}

/** Smallest hint first; the same transaction may be in it more than once. */
class Heap {
  size = 0;
  #items = new Int32Array(1024);
  readonly #hint: Int32Array;

  constructor(hint: Int32Array) {
    this.#hint = hint;
  }

  push(t: number): void {
    if (this.size === this.#items.length) {
      const more = new Int32Array(this.size * 2);
      more.set(this.#items);
      this.#items = more;
    }
    const items = this.#items;
    const rank = this.#hint[t] as number;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((this.#hint[items[parent] as number] as number) <= rank) break;
      items[i] = items[parent] as number;
      i = parent;
    }
    items[i] = t;
  }

  pop(): number {
    const items = this.#items;
    const first = items[0] as number;
    const last = items[--this.size] as number;
    const rank = this.#hint[last] as number;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.size) break;
      if (
        child + 1 < this.size &&
        (this.#hint[items[child + 1] as number] as number) < (this.#hint[items[child] as number] as number)
      )
        child++;
      if (rank <= (this.#hint[items[child] as number] as number)) break;
      items[i] = items[child] as number;
      i = child;
    }
    items[i] = last;
    return first;
  }
}
