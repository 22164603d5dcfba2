/** One operation on one register. `returned` is Infinity while nobody knows how it ended. */
export interface RegisterOperation {
  readonly f: 'read' | 'write';
  /** What was written or read; null is the empty register. */
  readonly value: number | null;
  readonly called: number;
  readonly returned: number;
}

interface Zone {
  readonly written: number;
  firstReturn: number;
  lastCall: number;
  reads: number;
}

/**
 * Is there an order of these operations that keeps real time and explains every read? If not, why not.
 *
 * Every value is written once, so an operation belongs to one value. A value's *zone* lies between its earliest return
 * and its latest call (Gibbons & Korach 1997). Where the return comes first, the register certainly held the value
 * throughout. Two such zones may not overlap, and no value may fit wholly inside another's.
 */
export function notLinearizable(operations: readonly RegisterOperation[]): string | undefined {
  const zones = new Map<number | null, Zone>([
    [null, { written: -1, firstReturn: -1, lastCall: -1, reads: 0 }],
  ]);
  for (const { f, value, called, returned } of operations)
    if (f === 'write')
      zones.set(value, { written: called, firstReturn: returned, lastCall: called, reads: 0 });
  for (const { f, value, called, returned } of operations) {
    if (f === 'write') continue;
    const zone = zones.get(value);
    if (!zone) return `read ${value}, which nobody wrote`;
    if (returned < zone.written) return `read ${value} before it was written`;
    zone.firstReturn = Math.min(zone.firstReturn, returned);
    zone.lastCall = Math.max(zone.lastCall, called);
    zone.reads++;
  }
  const certain = [...zones].filter(
    ([value, { reads, firstReturn }]) => reads > 0 || (value !== null && firstReturn < Infinity),
  );
  const low = ([, zone]: (typeof certain)[number]): number => Math.min(zone.firstReturn, zone.lastCall);
  let held: { readonly value: number | null; readonly until: number } = { value: null, until: -1 };
  for (const [value, { firstReturn, lastCall }] of certain.toSorted((a, b) => low(a) - low(b))) {
    if (firstReturn < lastCall) {
      if (firstReturn < held.until) return `${held.value} and ${value} were both the value at once`;
      held = { value, until: lastCall };
    } else if (firstReturn < held.until)
      return `${value} came and went while the value was ${held.value} throughout`;
  }
  return undefined;
}
