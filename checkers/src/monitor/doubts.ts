import type { Verdict } from '../checker.ts';
import type { History } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { casRegisterFrom, type CasRegisterOps } from '../models/index.ts';
import { TableBuilder } from '../table/builder.ts';
import { FALSE, NOTHING, TRUE } from '../table/values.ts';
import type { ByName } from './by-name.ts';
import { BLIND, replacedAt, type Chain, type Cluster } from './clusters.ts';
import type { Seen } from './seen.ts';

/** A compare-and-set that was refused, and the value that was therefore not there for a moment. */
export interface Doubt {
  readonly op: Seen;
  readonly expected: Cluster;
}

/**
 * Whether a refusal is right whatever else comes to light: something else was certainly there for a moment. `oldest` is
 * the call of the oldest open operation that looks.
 */
export function isSettled({ op, expected }: Doubt, chains: readonly Chain[], oldest: number): boolean {
  if (replacedAt(expected) < op.return || (expected.writer && expected.writer.call > op.call)) return true;
  if (wasReplacedInTime(op, expected, oldest)) return true;
  const own = expected.chain;
  return chains.some(
    (other) =>
      other !== own &&
      other.firstReturn < op.return &&
      (other.lastCall > op.call || (own !== undefined && own.firstReturn < other.lastCall)),
  );
}

/** Whether what is known to have replaced a value can have done so before the refusal, with nothing to be seen in between. */
function wasReplacedInTime(op: Seen, expected: Cluster, oldest: number): boolean {
  const by = expected.after?.writer;
  if (!by || by.call > op.return || replacedAt(expected) >= oldest) return false;
  if ((expected.chain?.gone?.call ?? -1) > op.return) return false;
  for (let one: Cluster | undefined = expected; one; one = one.before)
    if ((one.writer?.call ?? -1) > op.return || (one.last?.call ?? -1) > op.return) return false;
  return true;
}

/**
 * Refusals that need not be remembered. Take a chain that was certainly there before any operation that is still open, and
 * looks, was called. Those refused before it was written find their place in an order of what has to come before it
 * alone. Then they do so in every order: whatever else comes before it can be laid directly before it. Each other refusal
 * must have been called once the chain was there.
 */
export function canBeForgotten(
  clusters: Pick<ByName<Cluster>, 'get'>,
  settled: readonly Cluster[],
  chains: readonly Chain[],
  initial: Cluster,
  doubts: readonly Doubt[],
  oldest: number,
): ReadonlySet<Doubt> | undefined {
  for (const chain of chains) {
    if (chain.weighed || chain.firstReturn >= oldest) continue;
    const before = doubts.filter(({ op }) => op.return < chain.call);
    if (
      before.length === 0 ||
      doubts.some(({ op }) => op.return >= chain.call && op.call < chain.firstReturn)
    )
      continue;
    chain.weighed = true;
    const past = whatComesBefore(chain, chains);
    const known = settled.filter((one) => past.has(one.chain as Chain));
    if (findOrder(known, clusters, initial, before, chain.call) === true) return new Set(before);
  }
  return undefined;
}

/** All chains that have to come before one, or before one that has to, and so on. */
function whatComesBefore(chain: Chain, chains: readonly Chain[]): ReadonlySet<Chain> {
  const past = withPast([chain], chains);
  past.delete(chain);
  return past;
}

function withPast(some: readonly Chain[], chains: readonly Chain[]): Set<Chain> {
  const found = new Set(some);
  let latest = some.reduce((max, { lastCall }) => Math.max(max, lastCall), -1);
  for (let grows = true; grows;) {
    grows = false;
    for (const other of chains) {
      if (found.has(other) || other.firstReturn >= latest) continue;
      found.add(other);
      latest = Math.max(latest, other.lastCall);
      grows = true;
    }
  }
  return found;
}

/** The clusters that have a say in whether refusals were right: those written before the last of them, and what has to come before those. */
export function concerned(
  clusters: Iterable<Cluster>,
  chains: readonly Chain[],
  doubts: readonly Doubt[],
): Cluster[] {
  const last = doubts.reduce((max, { op }) => Math.max(max, op.return), -1);
  const part = withPast(
    chains.filter(({ call }) => call < last),
    chains,
  );
  return Array.from(clusters).filter(({ chain, writer }) =>
    chain ? part.has(chain) : (writer?.call ?? -1) < last,
  );
}

/** How much the search may hold, which also bounds how long it takes. */
const MEMORY_BYTES = 16e6;

/**
 * Looks for an order of everything remembered in which the refusals are right. Of each cluster three operations say all
 * there is to say: who wrote it, who of those that saw it returned first, and who was called last. What a chain was before,
 * and has been forgotten, is one value more. Returns the operations that show that there is no such order.
 */
export function findOrder(
  shownClusters: Iterable<Cluster>,
  clusters: Pick<ByName<Cluster>, 'get'>,
  initial: Cluster,
  doubts: readonly Doubt[],
  now: number,
): true | 'unknown' | readonly Seen[] {
  const numbers = new Map<Cluster, number>();
  const numberOf = (one: Cluster): number => {
    const known = numbers.get(one);
    if (known !== undefined) return known;
    numbers.set(one, next);
    return next++;
  };
  let next = 0;
  const shown = new Map<Seen, Shown>();
  const past: Shown[] = [];
  const see = (op: Seen | undefined, value: number): void => {
    if (op && !shown.has(op)) shown.set(op, { ...spanOf(op), op, f: 'read', from: NOTHING, value });
  };
  for (const one of shownClusters) {
    const { writer, from, first, last, chain } = one;
    const value = numberOf(one);
    if (writer) {
      let found = NOTHING;
      if (from !== BLIND) {
        const known = chain ? one.before : clusters.get(from);
        found = known ? numberOf(known) : next++;
        if (chain && !known) past.push(...pastOf(chain, found, now));
      }
      shown.set(writer, {
        ...spanOf(writer),
        op: writer,
        f: from === BLIND ? 'write' : 'cas',
        from: found,
        value,
      });
    }
    see(first, value);
    see(last, value);
  }
  for (const { op, expected } of doubts)
    shown.set(op, { ...spanOf(op), op, f: 'cas', from: numberOf(expected), value: next++, refused: true });

  const rows = [...past, ...shown.values()].toSorted((a, b) => a.call - b.call);
  const model = casRegisterFrom(numberOf(initial));
  const verdict = linearizable(model, { proof: false, explained: 1 }).check(historyOf(rows), {
    deadline: Infinity,
    now: () => 0,
    memoryBytes: MEMORY_BYTES,
  }) as Verdict;
  if (verdict.valid !== false) return verdict.valid;
  return (verdict.anomalies[0]?.operations ?? []).flatMap((row) => rows[row]?.op ?? []);
}

/** An operation on numbers instead of values. */
interface Shown {
  readonly op?: Seen;
  readonly f: 'read' | 'write' | 'cas';
  readonly from: number;
  readonly value: number;
  readonly refused?: boolean;
  readonly call: number;
  readonly return: number;
}

function spanOf(op: Seen): { readonly call: number; readonly return: number } {
  return { call: op.call, return: op.return };
}

/** The forgotten beginning of a chain as one value, there from the chain's first return until its last forgotten call. */
function pastOf({ firstReturn, gone }: Chain, value: number, now: number): Shown[] {
  const common = { from: NOTHING, value };
  return [
    { ...common, f: 'write', call: -1, return: firstReturn },
    ...(gone ? [{ ...common, f: 'read' as const, call: gone.call, return: Math.min(gone.return, now) }] : []),
  ];
}

function historyOf(rows: readonly Shown[]): History<CasRegisterOps> {
  const builder = new TableBuilder<CasRegisterOps>();
  const returns = Array.from(rows.keys())
    .filter((row) => (rows[row] as Shown).return !== Infinity)
    .toSorted((a, b) => (rows[a] as Shown).return - (rows[b] as Shown).return);
  let index = 0;
  let r = 0;
  const endBefore = (position: number): void => {
    for (; r < returns.length; r++) {
      const row = returns[r] as number;
      const { f, value, refused, return: returned } = rows[row] as Shown;
      if (returned > position) return;
      const answer = f === 'read' ? value : f === 'cas' ? (refused ? FALSE : TRUE) : NOTHING;
      builder.end(index++, 0, row, f, 0, answer, undefined);
    }
  };
  for (const [row, { f, from, value, call }] of rows.entries()) {
    endBefore(call);
    const input =
      f === 'read' ? NOTHING : f === 'write' ? value : builder.encoder.pair(from, value, from, value);
    builder.call(index++, 0, row, f, undefined, input, undefined);
  }
  endBefore(Infinity);
  return builder.finish();
}
