import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import { Budget } from '../linearizable/budget.ts';
import { anyHistory } from '../table/table.ts';
import { at, count, they, who } from '../words.ts';
import { snapshotsOf, type Snapshot, type Snapshots } from './snapshots.ts';

/**
 * Snapshots come one after the other: what one read found written, and another not yet, the other cannot have been ahead in.
 *
 * ```
 * write x    |────|
 * write y    |────|
 * read           |─ x: 1, y: ∅ ─|      x was written before y
 * read           |─ x: ∅, y: 1 ─|      y was written before x: long fork
 * ```
 *
 * Parallel snapshot isolation allows that (Sovran and others, 2011, who named it); snapshot isolation does not. After Jepsen's
 * long-fork: each key is written once, transactions write one key or more, and others read several. Any two reads that have two keys
 * in common are compared, through pairs of keys: of each pair all reads must agree which was written first. Reads that found
 * the same are looked at once, so n keys that are read together cost n³ at the most, and linear time in reads.
 */
export function longFork<Ops extends Operations = Operations>(): Checker<Ops> {
  return { name: 'long fork', check: (history, context) => check(anyHistory(history), context) };
}

const EXPLAINED = 8;
const BYTES_PER_PAIR = 48;

function check(history: History, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const verdict = (
    valid: Verdict['valid'],
    facts: Verdict['facts'],
    anomalies: readonly Anomaly[],
    because?: string,
  ): Verdict => ({
    checker: 'long fork',
    valid,
    ...(because !== undefined && { because }),
    ...(valid === false && { disproves: ['serializable', 'snapshot isolation'] }),
    anomalies,
    facts,
  });
  const snapshots = snapshotsOf(history, (bytes) => budget.spent(bytes));
  if (!snapshots) return verdict('unknown', {}, [], budget.stopped(history.length));
  const { keys, distinct, writes, reads, early, late, telling } = snapshots;
  const again = new Set(Array.from(keys.keys()).filter((key) => (writes[key] as number) > 1));
  const forks: [Snapshot, Snapshot, number, number][] = [];
  /** For each pair of keys the first read that found the first written and the second not. */
  const ahead = new Map<number, Snapshot>();
  for (const snapshot of distinct)
    for (const x of snapshot.written)
      for (const y of snapshot.unwritten) {
        if (budget.spent(BYTES_PER_PAIR * ahead.size)) break;
        if (again.has(x) || again.has(y)) continue;
        const pair = x * keys.length + y;
        if (ahead.has(pair)) continue;
        ahead.set(pair, snapshot);
        const other = ahead.get(y * keys.length + x);
        if (other) forks.push([other, snapshot, y, x]);
      }
  const facts = {
    reads,
    'reads before any write': early,
    'reads after all writes': late,
    'reads in between': telling,
    'keys written more than once': again.size,
    'pairs of keys seen in both orders': forks.length,
  };
  if (forks.length > 0)
    return verdict(
      false,
      facts,
      forks.slice(0, EXPLAINED).map((fork) => explain(history, snapshots, fork)),
    );
  const because = budget.because
    ? budget.stopped(history.length, `no fork between ${count(ahead.size, 'pair')} of keys`)
    : telling === 0
      ? 'no read found some keys written and others not, so nothing could have shown; read several keys while they are being written'
      : again.size > 0
        ? `${count(again.size, 'key')} written more than once: reads do not tell in which order; write each once`
        : undefined;
  return verdict(because === undefined ? true : 'unknown', facts, [], because);
}

function explain(
  history: History,
  { keys, writer }: Snapshots,
  [first, second, x, y]: readonly [Snapshot, Snapshot, number, number],
): Anomaly {
  const [a, b] = [first, second].map(({ row }) => history.operation(row)) as [Reader, Reader];
  const writers = [x, y].map((key) => writer[key] as number).filter((row) => row >= 0);
  return {
    kind: 'long fork',
    operations: [...new Set([...writers, a.id, b.id])].toSorted((left, right) => left - right),
    explanation: `${who(a)} read${at(a.callTime)} and found ${keys[x]} written and ${keys[y]} not yet; ${they(b)} read${at(b.callTime)} and found ${keys[y]} written and ${keys[x]} not yet: neither can have been first.`,
  };
}

type Reader = ReturnType<History['operation']>;
