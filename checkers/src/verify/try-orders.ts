import type { Family } from '../transactions/levels.ts';
import { NOTHING } from './recorded.ts';
import type { Row, Step } from './recorded.ts';

/** What an order has to keep, and whether transactions read from snapshots or one after another. */
export interface Promised {
  /** Whether one operation has to take effect before another, if it does at all. */
  readonly precedes: (a: Row, b: Row) => boolean;
  readonly snapshot?: boolean;
}

/** A situation: what the store holds, who has started with which snapshot of it, and who is done. */
interface Situation {
  readonly store: Store;
  /** For each key how often it was written, so that a snapshot can tell whether it is still fresh. */
  readonly written: readonly number[];
  readonly started: ReadonlyMap<number, Snapshot>;
  readonly done: readonly boolean[];
}

type Store = readonly string[];
type Snapshot = Pick<Situation, 'store' | 'written'>;

/**
 * Whether some operations can be put into an order, by trying every one; none is entered twice. `undefined` when that
 * would take more than `limit` situations.
 *
 * With snapshots each transaction reads at one moment and commits at a later one, unless somebody committed a write to
 * one of its keys in between.
 */
export function tryOrders(
  part: readonly Row[],
  { precedes, snapshot = false }: Promised,
  limit = 30_000,
): boolean | undefined {
  const rows = part.filter(({ outcome }) => outcome !== 'fail');
  const keys = [...new Set(rows.flatMap(({ steps }) => steps.map(({ key }) => key)))];
  const programs = rows.map(({ steps }) => steps.map((step) => ({ step, at: keys.indexOf(step.key) })));
  const mustPrecede = rows.map((row) =>
    rows.flatMap((other, j) => (other !== row && precedes(other, row) ? [j] : [])),
  );
  const seen = new Set<string>();
  const empty = keys.map(() => NOTHING);
  const stack: Situation[] = [
    { store: empty, written: keys.map(() => 0), started: new Map(), done: rows.map(() => false) },
  ];
  for (;;) {
    const here = stack.pop();
    if (!here) return false;
    if (rows.every(({ outcome }, i) => outcome !== 'ok' || here.done[i])) return true;
    const name = nameOf(here);
    if (seen.has(name)) continue;
    if (seen.size >= limit) return undefined;
    seen.add(name);
    for (const [i, program] of programs.entries()) {
      if (here.done[i]) continue;
      const start = here.started.get(i);
      if (!start && (mustPrecede[i] as number[]).some((j) => !here.done[j] && rows[j]?.outcome === 'ok'))
        continue;
      const after = runOn(program, (start ?? here).store);
      if (!after) continue;
      // Who writes nothing may as well commit at once.
      if (snapshot && !start && program.some(({ step }) => isWrite(step)))
        stack.push({ ...here, started: new Map([...here.started, [i, snapshotOf(here)]]) });
      else stack.push(...committed(here, i, program, start));
    }
  }
}

const isWrite = ({ f }: Step): boolean => f === 'write' || f === 'append';

function snapshotOf({ store, written }: Situation): Snapshot {
  return { store, written };
}

/** Of snapshots it matters what they hold and which of their keys were written since. */
function nameOf({ store, written, started, done }: Situation): string {
  const snapshots = [...started].map(([i, start]) => [
    i,
    start.store,
    written.map((count, at) => count === start.written[at]),
  ]);
  return JSON.stringify([store, snapshots, done]);
}

/** The situation after a commit; nothing where the first committer has won already. */
function committed(here: Situation, i: number, program: Program, start: Snapshot | undefined): Situation[] {
  const own = new Set(program.filter(({ step }) => isWrite(step)).map(({ at }) => at));
  if (start && [...own].some((at) => start.written[at] !== here.written[at])) return [];
  const after = runOn(
    program.filter(({ step }) => isWrite(step)),
    here.store,
  ) as Store;
  const started = new Map(here.started);
  started.delete(i);
  return [
    {
      store: after,
      written: here.written.map((count, at) => (own.has(at) ? count + 1 : count)),
      started,
      done: here.done.with(i, true),
    },
  ];
}

type Program = readonly { readonly step: Step; readonly at: number }[];

/** What the store holds afterwards, or nothing if something else would have been read. Lists are their elements, each after a space. */
function runOn(program: Program, store: Store): Store | undefined {
  const after = [...store];
  for (const { step, at } of program)
    if (step.f === 'write') after[at] = step.value;
    else if (step.f === 'append') after[at] += ` ${step.value}`;
    else if (after[at] !== (step.f === 'list' ? step.value.map((each) => ` ${each}`).join('') : step.value))
      return undefined;
  return after;
}

/** What sessions and real time demand. Rows are listed in the order of their processes; where a session overlaps itself, order is what time says. */
export function inFamily(family: Family, rows: readonly Row[]): Promised['precedes'] {
  const at = new Map(rows.map(({ id }, i) => [id, i]));
  const listedFirst = (a: Row, b: Row): boolean => (at.get(a.id) as number) < (at.get(b.id) as number);
  return (a, b) =>
    family !== 'data' &&
    ((a.process === b.process && a.outcome === 'ok' && a.return < b.call && listedFirst(a, b)) ||
      (family === 'realtime' && a.return < b.call));
}
