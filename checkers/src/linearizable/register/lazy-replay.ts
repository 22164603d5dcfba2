import type { Timeline } from '../timeline.ts';
import { READ, REFUSED, WRITE, type RegisterSteps } from './steps.ts';

/** The move that lays the returning write before the last one that took effect. */
export const DISCHARGED: number = 2 ** 31 - 1;

/** Operations of unknown outcome that do the same. */
export interface Optional {
  readonly kind: number;
  readonly value: number;
  readonly from: number;
  readonly rows: readonly number[];
  readonly since: readonly number[];
}

/**
 * The order in which operations took effect, from the moves of a lazy search. What only looks happens by itself; a
 * write that was discharged goes directly before the last write that took effect, which is what killed it.
 */
export function replay(
  steps: RegisterSteps,
  { rows, events, pending, pendingFrom }: Timeline,
  optional: readonly Optional[],
  moves: readonly number[],
): number[] {
  /** What was laid before the write at each place of the order. */
  const before = new Map<number, number[]>();
  const order: number[] = [];
  const placed = new Uint8Array(rows.length);
  const used = new Int32Array(optional.length);
  let now = steps.initial;
  let lastWrite = -1;
  let m = 0;
  const effect = (row: number): void => {
    if (steps.kind[row] === WRITE) lastWrite = order.length;
    now = steps.value[row] as number;
    order.push(row);
  };
  const look = (j: number): void => {
    const row = rows[j] as number;
    const what = steps.kind[row];
    if (
      placed[j] ||
      !(what === READ ? steps.value[row] === now : what === REFUSED && steps.from[row] !== now)
    )
      return;
    placed[j] = 1;
    order.push(row);
  };
  for (let t = 0; t < events.length; t++) {
    const j = (events[t] as number) >> 1;
    if (!((events[t] as number) & 1)) {
      look(j);
      continue;
    }
    while (!placed[j]) {
      const move = moves[m++] as number;
      if (move === DISCHARGED) {
        placed[j] = 1;
        const others = before.get(lastWrite);
        if (others) others.push(rows[j] as number);
        else before.set(lastWrite, [rows[j] as number]);
        continue;
      }
      if (move >= 0) {
        placed[move] = 1;
        effect(rows[move] as number);
      } else effect(optional[-1 - move]?.rows[used[-1 - move]!++] as number);
      for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++)
        look(pending[p] as number);
    }
  }
  return order.flatMap((row, place) => [...(before.get(place) ?? []), row]);
}
