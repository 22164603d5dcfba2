import type { Anomaly } from 'knossos-js';
import { expect, test } from 'vitest';
import { around, plainest } from './counterexample.ts';
import type { RecordedFault } from './faults.ts';

const anomaly = (...operations: number[]): Anomaly => ({ kind: 'stale read', operations, explanation: '' });

test('of several anomalies the one with few operations is shown, and of equals the earliest', () => {
  expect(plainest([anomaly(1, 2, 3, 4), anomaly(7, 8, 9), anomaly(4, 5, 6)])).toEqual(anomaly(4, 5, 6));
});

test('an operation alone, or none, is shown only where there is nothing better', () => {
  expect(plainest([anomaly(1), anomaly(5, 6, 7)])).toEqual(anomaly(5, 6, 7));
  expect(plainest([anomaly(), anomaly(1), anomaly(2, 3, 4, 5, 6)])).toEqual(anomaly(1));
  expect(plainest([])).toBeUndefined();
});

test('faults are shown that were in force meanwhile or a second before, and did something', () => {
  const fault = (from: number, to?: number, outcome = 'confirmed'): RecordedFault => ({
    name: 'pause',
    what: 'n1',
    nodes: ['n1'],
    from,
    ...(to !== undefined && { to }),
    evidence:
      outcome === 'confirmed' ? { outcome, how: 'seen' } : { outcome: 'skipped', because: 'nobody leads' },
  });
  const operation = { id: 0, process: 0, f: 'read', outcome: 'ok', call: 10, return: 11 } as const;
  const faults = [fault(1, 8.9), fault(5, 9.5), fault(10.5), fault(10.6, 10.7, 'skipped'), fault(11.5, 12)];
  expect(around([operation], faults).map(({ from }) => from)).toEqual([5, 10.5]);
  expect(around([], faults)).toEqual([]);
});

test('what the promise allows is not shown as what broke it', () => {
  const skew: Anomaly = { ...anomaly(1, 2), allowed: true };
  expect(plainest([skew, anomaly(3, 4, 5, 6)])).toEqual(anomaly(3, 4, 5, 6));
});
