import type { CausalBase } from '../causal/base.ts';
import { WRITE } from '../transactions/columns.ts';
import type { Limits } from '../transactions/limits.ts';
import type { Clients } from './clients.ts';

/** What is certainly newer than a version: what its writer wrote to that key next; than the initial value, whatever anybody wrote. */
export interface NewerWrites {
  /** For each version the transaction with which the same client wrote to its key next, or −1. */
  readonly next: Int32Array;
  /** The first transaction of each client that wrote key `k`: `first[firstStart[k]] … first[firstStart[k + 1] − 1]`. */
  readonly first: Int32Array;
  readonly firstStart: Int32Array;
  /** For each version its client and key, as the place of that client among those of the key in `first`. */
  readonly pair: Int32Array;
}

export function newerWrites(base: CausalBase, clients: Clients, limits: Limits): NewerWrites {
  const { txns } = base;
  const { start, kind, key, value } = txns;
  const keys = txns.keys.length;
  const end = limits.int32(keys + 1);
  const forEachWrite = (visit: (t: number, m: number) => void): void => {
    for (let t = 0; t < txns.length; t++) {
      limits.step((start[t + 1] as number) - (start[t] as number));
      if ((base.place[t] as number) < 0) continue;
      for (let m = start[t] as number; m < (start[t + 1] as number); m++) if (kind[m] === WRITE) visit(t, m);
    }
  };
  forEachWrite((_, m) => end[(key[m] as number) + 1]!++);
  for (let k = 0; k < keys; k++) end[k + 1]! += end[k] as number;
  const at = end.slice(0, keys);
  const writer = limits.int32(end[keys] as number);
  const version = limits.int32(end[keys] as number);
  forEachWrite((t, m) => {
    const i = at[key[m] as number]!++;
    writer[i] = t;
    version[i] = value[m] as number;
  });
  const next = limits.int32(txns.versions).fill(-1);
  const pair = limits.int32(txns.versions).fill(-1);
  const first: number[] = [];
  const firstStart = limits.int32(keys + 1);
  // Of each client, from its last write to a key back: where it stands in `first`, and what it wrote there after that.
  const place = limits.int32(clients.count).fill(-1);
  const then = limits.int32(clients.count);
  for (let k = 0; k < keys; k++) {
    for (let i = (end[k + 1] as number) - 1; i >= (end[k] as number); i--) {
      const t = writer[i] as number;
      const client = clients.of(t);
      if ((place[client] as number) < (firstStart[k] as number)) {
        place[client] = first.push(t) - 1;
        then[client] = -1;
      }
      const at = place[client] as number;
      if (first[at] !== t) {
        then[client] = first[at] as number;
        first[at] = t;
      }
      next[version[i] as number] = then[client] as number;
      pair[version[i] as number] = at;
    }
    firstStart[k + 1] = first.length;
  }
  limits.hold(first.length * 4);
  return { next, first: Int32Array.from(first), firstStart, pair };
}
