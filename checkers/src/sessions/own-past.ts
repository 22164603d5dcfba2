import type { CausalBase } from '../causal/base.ts';
import { OK } from '../transactions/columns.ts';
import type { Limits } from '../transactions/limits.ts';
import { lastWriteTo, OWN } from '../transactions/register-reads.ts';
import type { Clients } from './clients.ts';
import type { NewerWrites } from './newer-writes.ts';
import { SeenOfWriters } from './seen-of-writers.ts';
import type { Classical, StaleReads } from './stale-read.ts';
import { tellOwn } from './tell.ts';

/**
 * Reads that are certainly too old for what their own client had done: it had itself written something newer (read your
 * writes), had read something newer from the same key (monotonic reads), or had read from another key what the same writer
 * did with or after something newer (monotonic writes).
 *
 * What its writer wrote there next is newer than a version. So one comparison tells of nearly every read that it is not too
 * old: with the latest that the client has seen of that writer. Linear.
 */
export function ownPast(
  base: CausalBase,
  clients: Clients,
  { next, first, firstStart, pair }: NewerWrites,
  found: StaleReads,
  limits: Limits,
): void {
  const { txns, source } = base;
  const { start, key, value, outcome } = txns;
  const seen = new SeenOfWriters(clients.count, first.length, limits);
  let client = -1;
  for (const t of clients.oneByOne()) {
    limits.step(4);
    if (clients.of(t) !== client) {
      client = clients.of(t);
      seen.begin(client);
    }
    const from = start[t] as number;
    const to = start[t + 1] as number;
    for (let m = from; m < to; m++) {
      const read = source[m] as number;
      if (read >= 0) seen.note(clients.of(read), key[m] as number, pair[value[m] as number] as number, read);
    }
    for (let m = from; m < to; m++) {
      const read = source[m] as number;
      if (read === OWN) continue;
      if (read < 0) {
        const k = key[m] as number;
        for (let i = firstStart[k] as number; i < (firstStart[k + 1] as number); i++)
          weigh(t, m, i, first[i] as number);
      } else {
        const newer = next[value[m] as number] as number;
        if (newer >= 0 && clients.inSession(read, newer))
          weigh(t, m, pair[value[m] as number] as number, newer);
      }
    }
  }

  /** One write is newer than what was read, and so is whatever its client wrote there later. */
  function weigh(reader: number, micro: number, at: number, newer: number): void {
    const k = key[micro] as number;
    const writer = clients.of(newer);
    const here = seen.on(at);
    const elsewhere = seen.elsewhere(writer, k);
    if (writer !== client && here < newer && elsewhere < newer) return;
    const knows = (other: number, through: number): boolean =>
      through === other || (through >= 0 && clients.inSession(other, through));
    const blamed = new Set<Classical>();
    const blame = (guarantee: Classical, other: number, through: number): void => {
      if (blamed.has(guarantee)) return;
      blamed.add(guarantee);
      found.add(guarantee, true, () => tellOwn(base, clients, guarantee, { reader, micro, other, through }));
    };
    for (let other = newer; other >= 0;) {
      if (clients.inSession(other, reader)) blame('read your writes', other, other);
      if (knows(other, here)) blame('monotonic reads', other, here);
      if (knows(other, elsewhere)) blame('monotonic writes', other, elsewhere);
      // Whoever knows of a later one knows of this one, unless nobody can tell when it took effect.
      if (outcome[other] === OK) return;
      other = next[value[lastWriteTo(txns, other, k)] as number] as number;
    }
  }
}
