import type { Operation } from '../history.ts';
import type { RegisterMove } from '../model.ts';
import { print } from './print.ts';

/**
 * # What may be left out of a register's history
 *
 * A legal whole stays legal when parts are left out, as long as with every operation that depends on the value stay
 * all operations that may have been the last to change it before:
 *
 * ```
 * whole   write 1 ─ write 2 ─ read → 2 ─ write 1 ─ read → 1
 * closed            write 2 ─ read → 2
 * not     write 1 ─           read → 2                         (illegal, though the whole is legal)
 * ```
 *
 * Why that is enough: take an order of the whole that is legal, and leave out the same operations there. Whatever
 * changed the value last before a kept operation is kept, so that operation finds the value that it found.
 *
 * A read depends on the value, and so does a compare-and-set: on the value being what it expects if it swapped, or may
 * have; on its being anything else if it was refused. Something that was certainly overwritten before the dependent
 * operation was called is not a possible last change.
 *
 * Where nothing at all can have left the value that was seen, one operation that wrote it stays nevertheless, if there
 * is one: alone, the read would look as if it had seen something out of nowhere.
 */
export function registerClosure<Op extends Operation>(
  whole: readonly Op[],
  move: (f: string) => RegisterMove | undefined,
): (kept: readonly Op[]) => readonly Op[] {
  const steps = new Map(whole.map((op) => [op.id, stepOf(op, move)]));
  const changes = whole
    .filter((op) => steps.get(op.id)?.writes !== undefined)
    .toSorted((a, b) => a.call - b.call);
  const returned = changes.filter((op) => op.outcome === 'ok');
  const crashed = changes.filter((op) => op.outcome !== 'ok');
  /** The latest return among the first i changes that returned. */
  let max = -1;
  const latest = returned.map((op) => (max = Math.max(max, op.return)));
  const overwritten = lastCertainChange(whole, returned);

  const known = new Map<number, readonly Op[]>();
  const sources = (op: Op): readonly Op[] => {
    let found = known.get(op.id);
    if (!found) known.set(op.id, (found = find(op)));
    return found;
  };
  const find = (op: Op): Op[] => {
    const { needs } = steps.get(op.id) as Step;
    if (!needs) return [];
    const certain = overwritten.get(op.id) as number;
    const matters = (change: Op): boolean =>
      change !== op &&
      change.call < op.return &&
      change.return > certain &&
      needs((steps.get(change.id) as Step).writes as string);
    const found = crashed.filter(matters);
    for (let i = firstAtOrAfter(returned, op.return) - 1; i >= 0 && (latest[i] as number) > certain; i--)
      if (matters(returned[i] as Op)) found.push(returned[i] as Op);
    return found.length > 0 ? found : witness(op);
  };
  /** Who wrote what was seen: the last before, or the first after. */
  const witness = (op: Op): Op[] => {
    const { sees } = steps.get(op.id) as Step;
    if (sees === undefined) return [];
    const writers = changes.filter(
      (change) => change !== op && (steps.get(change.id) as Step).writes === sees,
    );
    const writer = writers.findLast(({ call }) => call < op.return) ?? writers[0];
    return writer ? [writer] : [];
  };
  return (kept) => {
    const inside = new Map(kept.map((op) => [op.id, op]));
    const work = [...kept];
    for (let op = work.pop(); op; op = work.pop())
      for (const source of sources(op)) {
        if (inside.has(source.id)) continue;
        inside.set(source.id, source);
        work.push(source);
      }
    return [...inside.values()];
  };
}

interface Step {
  /** The value it leaves, as text. */
  readonly writes?: string;
  /** Whether it may have happened where this value was. */
  readonly needs?: (value: string) => boolean;
  /** The one value that it needs. */
  readonly sees?: string;
}

function stepOf(op: Operation, moveOf: (f: string) => RegisterMove | undefined): Step {
  const move = moveOf(op.f);
  if (op.outcome === 'fail' || move === undefined) return {};
  if (move === 'write') return { writes: print(op.input) };
  const seen = print(op.output);
  if (move === 'read') return op.outcome === 'ok' ? { needs: (value) => value === seen, sees: seen } : {};
  const [from, to] = (move === 'cas' ? op.input : move) as readonly [unknown, unknown];
  const expected = print(from);
  if (op.outcome === 'ok' && op.output === false) return { needs: (value) => value !== expected };
  return { needs: (value) => value === expected, sees: expected, writes: print(to) };
}

/** For each operation the latest call among the changes that had returned before it was called. */
function lastCertainChange(
  whole: readonly Operation[],
  returned: readonly Operation[],
): ReadonlyMap<number, number> {
  const byReturn = returned.toSorted((a, b) => a.return - b.return);
  const last = new Map<number, number>();
  let latestCall = -1;
  let i = 0;
  for (const op of whole.toSorted((a, b) => a.call - b.call)) {
    for (; i < byReturn.length && (byReturn[i] as Operation).return < op.call; i++)
      latestCall = Math.max(latestCall, (byReturn[i] as Operation).call);
    last.set(op.id, latestCall);
  }
  return last;
}

function firstAtOrAfter(byCall: readonly Operation[], position: number): number {
  let low = 0;
  let high = byCall.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((byCall[middle] as Operation).call < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
