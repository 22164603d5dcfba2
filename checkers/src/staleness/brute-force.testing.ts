import type { History, Operation } from '../history.ts';
import { tabulate } from '../table/tabulate.ts';

/** The least k below `most` of which the history of one register is k-atomic, by trying every order; `most` if of none. */
export function leastK(history: History, initial: unknown = null, most = Infinity): number {
  const ops = [...history].filter(
    ({ f, outcome }) => outcome !== 'fail' && (f === 'write' || outcome === 'ok'),
  );
  let least = most;
  const visit = (left: readonly Operation[], values: readonly string[], worst: number): void => {
    if (worst >= least) return;
    if (left.every(({ outcome }) => outcome === 'info')) {
      least = worst;
      return;
    }
    for (const op of left) {
      if (left.some((other) => other.return < op.call)) continue;
      const rest = left.filter((other) => other !== op);
      if (op.f === 'write') visit(rest, [...values, JSON.stringify(op.input)], worst);
      else {
        const place = values.lastIndexOf(JSON.stringify(op.output));
        if (place >= 0) visit(rest, values, Math.max(worst, values.length - place));
      }
    }
  };
  visit(ops, [JSON.stringify(initial)], 1);
  return least;
}

/**
 * The least number of nanoseconds by which all reads have to begin earlier for some order to give every read the last
 * value; `Infinity` if no number does. Tries every difference of two times.
 */
export function leastDelta(history: History): number {
  const ops = [...history];
  const candidates = new Set([0]);
  for (const read of ops.filter(({ f, outcome }) => f === 'read' && outcome === 'ok'))
    for (const { returnTime } of ops)
      if (Number.isFinite(returnTime) && returnTime < read.callTime)
        candidates.add(read.callTime - returnTime);
  const sorted = [...candidates].toSorted((a, b) => a - b);
  return sorted.find((delta) => leastK(shifted(history, delta), null, 2) === 1) ?? Infinity;
}

/** The history with every read begun so much earlier; what then happens at one moment overlaps. */
function shifted(history: History, delta: number): History {
  const events = [...history].flatMap(({ id, f, input, output, outcome, callTime, returnTime }) => [
    {
      time: callTime - (f === 'read' ? delta : 0),
      process: id,
      type: 'invoke' as const,
      f,
      ...(input !== undefined && { value: input }),
    },
    {
      time: returnTime,
      process: id,
      type: outcome,
      f,
      ...(output !== undefined && { value: output }),
    },
  ]);
  events.sort((a, b) => a.time - b.time || Number(a.type !== 'invoke') - Number(b.type !== 'invoke'));
  return tabulate(events.map((event, index) => ({ ...event, index }))).history;
}
