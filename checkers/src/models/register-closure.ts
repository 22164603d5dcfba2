import type { Operation } from '../history.ts';
import type { RegisterMove } from '../model.ts';
import { print } from './print.ts';

/**
 * # What may be left out of a register's history
 *
 * A legal whole stays legal when parts are left out, as long as with every operation that depends on a value
 * stay all operations that may have written it, those of unknown outcome too:
 *
 * ```
 * whole   write 1 ─ write 2 ─ read → 2 ─ write 1 ─ read → 1
 * closed            write 2 ─ read → 2
 * not     write 1 ─           read → 2                         (illegal, though the whole is legal)
 * ```
 *
 * Why that is enough: in a linearization of the whole no write stands between a read and its writer, so none
 * does after leaving some out. A compare-and-set that swapped, or may have, depends on the value it replaced.
 * One that was *refused* depends on the value being something else: as long as nothing kept writes what it
 * expected there is nothing to do; otherwise whatever may have overwritten it in between has to stay.
 */
export function registerClosure(
  kept: readonly Operation[],
  all: readonly Operation[],
  initial: unknown,
  move: (f: string) => RegisterMove | undefined,
): readonly Operation[] {
  const steps = new Map(all.map((op) => [op.id, stepOf(op, move)]));
  const writers = Map.groupBy(all, (op) => steps.get(op.id)?.writes);
  const inside = new Set(kept.map((op) => op.id));
  const work = [...kept];
  const keep = (op: Operation): void => {
    if (inside.has(op.id) || op.outcome === 'fail') return;
    inside.add(op.id);
    work.push(op);
  };
  for (let more = true; more;) {
    for (let op = work.pop(); op; op = work.pop()) {
      const observes = steps.get(op.id)?.observes;
      if (observes !== undefined) for (const writer of writers.get(observes) ?? []) keep(writer);
    }
    more = false;
    for (const [avoided, until] of lastReturns(all, inside, steps)) {
      const own = (writers.get(avoided) ?? []).filter(({ id }) => inside.has(id));
      const from = avoided === print(initial) ? -1 : firstCall(own);
      if (from === Infinity) continue;
      for (const op of all) {
        const writes = steps.get(op.id)?.writes;
        if (writes !== undefined && writes !== avoided && op.call < until && op.return > from) keep(op);
      }
    }
    more = work.length > 0;
  }
  return all.filter((op) => inside.has(op.id));
}

interface Step {
  readonly writes?: string;
  /** The value that must be there, and the one that must not. */
  readonly observes?: string;
  readonly avoids?: string;
}

function stepOf(op: Operation, moveOf: (f: string) => RegisterMove | undefined): Step {
  const move = moveOf(op.f);
  if (op.outcome === 'fail' || move === undefined) return {};
  if (move === 'write') return { writes: print(op.input) };
  if (move === 'read') return op.outcome === 'ok' ? { observes: print(op.output) } : {};
  const [from, to] = move === 'cas' ? (op.input as readonly [unknown, unknown]) : move;
  if (op.outcome === 'ok' && op.output === false) return { avoids: print(from) };
  return { observes: print(from), writes: print(to) };
}

/** For each value that a kept compare-and-set must not have found: when the last of those returned. */
function lastReturns(
  all: readonly Operation[],
  inside: ReadonlySet<number>,
  steps: ReadonlyMap<number, Step>,
): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const op of all) {
    const avoids = steps.get(op.id)?.avoids;
    if (avoids !== undefined && inside.has(op.id))
      last.set(avoids, Math.max(op.return, last.get(avoids) ?? -1));
  }
  return last;
}

function firstCall(ops: readonly Operation[]): number {
  return ops.reduce((first, op) => Math.min(first, op.call), Infinity);
}
