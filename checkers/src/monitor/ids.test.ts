import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { among } from '../among.ts';
import type { HistoryEvent } from '../history.ts';
import { runs } from '../linearizable/testing.ts';
import { uniqueIds } from '../unique-ids/unique-ids.ts';
import { monitor } from './monitor.ts';
import { around, judge, watch } from './testing.ts';

const calls = fc.array(
  fc.record({
    client: fc.nat(4),
    key: fc.constantFrom('x', 'y', undefined),
    id: fc.oneof(fc.nat(8), fc.constantFrom('1', null, [1, 2], { a: 1, b: 2 }, { b: 2, a: 1 })),
    type: fc.constantFrom('ok', 'ok', 'ok', 'fail', 'info' as const),
  }),
  { maxLength: 12 },
);

/** Clients ask, one after another or at once: each ends what it asked before it asks again. */
function eventsOf(drawn: typeof calls extends fc.Arbitrary<infer Calls> ? Calls : never): HistoryEvent[] {
  const events: Omit<HistoryEvent, 'index' | 'time'>[] = [];
  const open = new Map<number, Omit<HistoryEvent, 'index' | 'time'>>();
  for (const { client: process, key, id, type } of drawn) {
    const before = open.get(process);
    if (before) events.push(before);
    const common = { process, f: 'generate', ...(key !== undefined && { key }) };
    events.push({ ...common, type: 'invoke' });
    open.set(process, { ...common, type, ...(type === 'ok' && { value: id }) });
  }
  return [...events, ...open.values()].map((event, index) => ({ ...event, index, time: index * 1e6 }));
}

test('a monitor of ids says what the checker says, at the event that gives one again', () => {
  const found = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(calls, (drawn) => {
      const events = eventsOf(drawn);
      const { raised, verdict } = watch(monitor(uniqueIds()), events);
      expect(verdict.valid).toBe(judge(uniqueIds(), events));
      if (raised >= 0) expect(around(uniqueIds(), events, raised)[1]).toBe(false);
      if (raised > 0) expect(around(uniqueIds(), events, raised)[0]).not.toBe(false);
      found[`${verdict.valid}`]++;
    }),
    { numRuns: runs(500) },
  );
  expect(Math.min(found.true, found.false, found.unknown)).toBeGreaterThan(0);
});

test('what is monitored among others is named by its place among all', () => {
  const watching = monitor(among(['generate'], uniqueIds()));
  const both = (index: number, f: string, value: number): HistoryEvent[] => [
    { index, time: 0, process: 0, type: 'invoke', f },
    { index: index + 1, time: 0, process: 0, type: 'ok', f, value },
  ];
  const events = [
    ...both(0, 'read', 7),
    ...both(2, 'generate', 7),
    ...both(4, 'read', 7),
    ...both(6, 'generate', 7),
  ];
  const raised = events.map((event) => watching.observe(event)?.operations);
  expect(raised).toEqual([...Array.from({ length: 7 }), [1, 3]]);
});
