import { INITIAL, READ, WRITE } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';
import { unlimited } from '../transactions/limits.ts';
import { writersOf } from '../transactions/writers.ts';

/**
 * The definitions of the causal family, tried out: every order of a small history. Reads are explained by running
 * the transactions of an order against a store and comparing what the given ones read.
 */
export function causalByForce(txns: Transactions): { CC: boolean; CCv: boolean; CM: boolean } {
  const past = happensBefore(txns);
  const all = Array.from({ length: txns.length }, (_, t) => t);
  if (!past) return { CC: false, CCv: false, CM: false };
  const before = (a: number, b: number): boolean => (past[b] as Set<number>).has(a);
  const pastOf = (t: number): number[] => [...(past[t] as Set<number>), t];
  const explained = (members: readonly number[], readers: readonly number[]): boolean =>
    orders(members, before).some((order) => run(txns, order, readers));
  return {
    CC: all.every((t) => explained(pastOf(t), [t])),
    CCv: orders(all, before).some((order) =>
      all.every((t) => {
        const known = new Set(pastOf(t));
        return run(
          txns,
          order.filter((other) => known.has(other)),
          [t],
        );
      }),
    ),
    CM: all.every((t) =>
      explained(
        pastOf(t),
        pastOf(t).filter((other) => txns.process[other] === txns.process[t]),
      ),
    ),
  };
}

/** The causal past of each transaction, or nothing when there is a cycle. */
function happensBefore(txns: Transactions): Set<number>[] | undefined {
  const writers = writersOf(txns, unlimited()).of;
  const past = Array.from({ length: txns.length }, () => new Set<number>());
  for (let t = 0; t < txns.length; t++) {
    for (let other = 0; other < t; other++)
      if (txns.process[other] === txns.process[t]) (past[t] as Set<number>).add(other);
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      if (txns.kind[m] !== READ || txns.value[m] === INITIAL) continue;
      const writer = writers[txns.value[m] as number] as number;
      if (writer < 0) return undefined;
      if (writer !== t) (past[t] as Set<number>).add(writer);
    }
  }
  for (let round = 0; round < txns.length; round++)
    for (const known of past)
      for (const other of Array.from(known)) for (const far of past[other] ?? []) known.add(far);
  return past.some((known, t) => known.has(t)) ? undefined : past;
}

function orders(members: readonly number[], before: (a: number, b: number) => boolean): number[][] {
  if (members.length === 0) return [[]];
  return members
    .filter((first) => !members.some((other) => other !== first && before(other, first)))
    .flatMap((first) =>
      orders(
        members.filter((other) => other !== first),
        before,
      ).map((rest) => [first, ...rest]),
    );
}

function run(txns: Transactions, order: readonly number[], readers: readonly number[]): boolean {
  const store = new Map<number, number>();
  for (const t of order)
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const k = txns.key[m] as number;
      if (txns.kind[m] === WRITE) store.set(k, txns.value[m] as number);
      else if (readers.includes(t) && (store.get(k) ?? INITIAL) !== txns.value[m]) return false;
    }
  return true;
}
