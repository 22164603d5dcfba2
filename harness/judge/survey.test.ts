import * as fc from 'fast-check';
import { tabulate, type HistoryEvent, type Mark, type Operations } from 'knossos-js';
import { expect, test } from 'vitest';
import type { Workload } from '../workload.ts';
import { survey } from './survey.ts';

const workload: Workload<Operations, object> = {
  name: 'reads',
  about: 'reads of nothing in particular',
  defaults: {},
  reads: ['read'],
  main: () => [],
  checkers: () => [],
  sometimes: () => ({
    'something happened': (history) => history.length > 0,
    'this could be told': () => {
      throw new Error('it could not');
    },
  }),
};

interface Span {
  readonly from: number;
  readonly to: number;
}
const span: fc.Arbitrary<Span> = fc
  .tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 20 }))
  .map(([from, length]) => ({ from, to: from + length }));

/** Operations and faults as events in order of time; of those at one time, as they come. */
function told(
  operations: readonly (Span & { ends: boolean })[],
  faults: readonly (Span & { struck: boolean })[],
) {
  const events: (Omit<HistoryEvent, 'index'> | (Omit<Mark, 'index'> & { about?: object }))[] = [];
  operations.forEach(({ from, to, ends }, process) => {
    events.push({ time: from, process, type: 'invoke', f: 'read' });
    if (ends) events.push({ time: to, process, type: 'ok', f: 'read', value: 1 });
  });
  for (const fault of faults) {
    const evidence = fault.struck
      ? { outcome: 'confirmed', how: 'seen' }
      : { outcome: 'skipped', because: 'nobody leads' };
    events.push({
      time: fault.from,
      type: 'mark',
      name: 'fault',
      what: 'pause n1',
      details: { fault: 'pause', evidence },
      about: fault,
    });
    events.push({ time: fault.to, type: 'mark', name: 'heal', what: 'pause n1', about: fault });
  }
  events.sort((a, b) => a.time - b.time);
  const begun = new Map<object, number>();
  return tabulate(
    events.map(({ ...event }, index) => {
      if (!('about' in event) || event.about === undefined) return { ...event, index } as HistoryEvent;
      const { about, ...mark } = event;
      const began = begun.get(about);
      if (began === undefined) begun.set(about, index);
      return { ...mark, index, ...(began !== undefined && { ends: began }) } as Mark;
    }),
  );
}

test('operations that overlapped a fault, and the most at one time, are what counting one by one gives', () => {
  const operation = fc.tuple(span, fc.boolean()).map(([one, ends]) => ({ ...one, ends }));
  const fault = fc.tuple(span, fc.boolean()).map(([one, struck]) => ({ ...one, struck }));
  fc.assert(
    fc.property(fc.array(operation), fc.array(fault, { maxLength: 5 }), (operations, faults) => {
      const { history, marks } = told(operations, faults);
      const { metrics, concurrency, faults: seen } = survey(history, marks, workload, {});
      const until = ({ to, ends }: (typeof operations)[number]): number => (ends ? to : Infinity);
      const overlapped = operations.filter((one) =>
        faults.some(({ from, to, struck }) => struck && from <= until(one) && one.from <= to),
      );
      const most = Math.max(
        0,
        ...operations.map(
          ({ from }) => operations.filter((one) => one.from <= from && from < until(one)).length,
        ),
      );
      expect(metrics.overlappedFaults).toBe(overlapped.length);
      expect(concurrency).toBe(most);
      expect(seen.length).toBe(faults.length);
      expect(metrics.faults).toBe(faults.filter(({ struck }) => struck).length);
      expect(metrics.ok + metrics.failed + metrics.unknown).toBe(operations.length);
    }),
  );
});

test('latencies are those of operations that succeeded', () => {
  const operations = Array.from({ length: 100 }, (_, i) => ({ from: 0, to: (i + 1) * 1e6, ends: i < 99 }));
  const { history, marks } = told(operations, []);
  expect(survey(history, marks, workload, {}).metrics.latencyMs).toEqual({ p50: 50, p99: 99, max: 99 });
});

test('what cannot be told was not seen, and says why', () => {
  const { history, marks } = told([{ from: 0, to: 1, ends: true }], []);
  expect(survey(history, marks, workload, {}).sometimes).toEqual([
    { what: 'something happened', seen: true },
    { what: 'this could be told', seen: false, because: 'it could not' },
  ]);
});

test('a fault is named and drawn by what its mark says, from when it was begun', () => {
  const evidence = { outcome: 'confirmed', how: 'seen' };
  const mark = { type: 'mark', name: 'fault', what: 'partition n1 | n2', nodes: ['n1'] } as const;
  const { faults } = survey(
    tabulate([]).history,
    [
      { ...mark, index: 0, time: 3e9, details: { fault: 'partition', evidence, since: 2e9 } },
      { ...mark, index: 1, time: 5e9, name: 'heal', ends: 0, details: { fault: 'partition', evidence } },
      { index: 2, time: 6e9, type: 'mark', name: 'role', what: 'n1 leads', details: { role: 'leader' } },
    ],
    workload,
    {},
  );
  expect(faults).toEqual([{ name: 'partition', what: 'n1 | n2', nodes: ['n1'], from: 2, to: 5, evidence }]);
});
