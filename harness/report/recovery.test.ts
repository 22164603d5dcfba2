import { tabulate, type HistoryEvent } from 'knossos-js';
import { expect, test } from 'vitest';
import { recoveries } from './recovery.ts';
import type { Struck } from './struck.ts';

const fault = (from: number, to?: number): Struck => ({
  name: 'kill',
  what: 'kill n1',
  nodes: ['n1'],
  from,
  ...(to !== undefined && { to }),
  evidence: { outcome: 'confirmed', how: 'it was gone' },
  inForce: true,
});

/** A hundred reads a second from 0 to `until`, but for the times in which nothing is answered. */
function load(until: number, silent: readonly (readonly [number, number])[]) {
  const events: HistoryEvent[] = [];
  for (let t = 0.005; t < until; t += 0.01) {
    if (silent.some(([from, to]) => t >= from && t < to)) continue;
    const base = { process: 0, f: 'read', time: Math.round(t * 1e9) };
    events.push(
      { ...base, index: events.length, type: 'invoke' },
      { ...base, index: events.length + 1, type: 'ok', value: 1 },
    );
  }
  return tabulate(events).history;
}

test('what was lost until after the heal is counted from the heal', () => {
  const [recovery] = recoveries(load(30, [[10, 14]]), [fault(10, 12)]);
  expect(recovery?.before).toBeCloseTo(100, 0);
  expect(recovery?.lowest).toBe(0);
  expect(recovery?.seconds).toBeCloseTo(2, 0);
});

test('a system that fails over before the heal is credited with that', () => {
  const [recovery] = recoveries(load(30, [[10, 11]]), [fault(10, 20)]);
  expect(recovery?.failover).toBeCloseTo(1.4, 0);
  expect(recovery?.seconds).toBe(0);
});

test.each([
  ['it was never healed', [fault(10)]],
  ['not before the next fault struck', [fault(10, 12), fault(13, 20)]],
  ['nothing succeeded before it', [fault(27, 28)]],
  ['no calm before it to compare with', [fault(11, 12), fault(10, 11.5)]],
] as const)('no figure where none can be had: %s', (because, faults) => {
  expect(recoveries(load(40, [[10, 30]]), faults)[0]?.because).toBe(because);
});

test('a load that ends with the fault leaves nothing to measure', () => {
  expect(recoveries(load(20, [[10, 12]]), [fault(10, 12)], 12)[0]?.because).toBe('the load ended with it');
});
