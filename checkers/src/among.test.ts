import { expect, test } from 'vitest';
import { among } from './among.ts';
import type { HistoryEvent } from './history.ts';
import { linearizable } from './linearizable/linearizable.ts';
import { plenty } from './linearizable/testing.ts';
import { register } from './models/index.ts';
import { tabulate } from './table/tabulate.ts';

test('other operations are not judged, and anomalies name operations of the whole history', async () => {
  const one = (f: string, value: unknown, output?: unknown): Partial<HistoryEvent>[] => [
    { f, type: 'invoke', ...(value === undefined ? {} : { value }) } as Partial<HistoryEvent>,
    { f, type: 'ok', ...(output === undefined ? {} : { value: output }) } as Partial<HistoryEvent>,
  ];
  const events = [
    ...one('count', undefined, 7),
    ...one('write', 1),
    ...one('count', undefined, 8),
    ...one('read', undefined, null),
  ].map((event, index) => ({ index, time: index, process: 0, key: 'x', ...event }) as HistoryEvent);
  const verdict = await among(['read', 'write'], linearizable(register)).check(
    tabulate(events).history,
    plenty(),
  );
  expect(verdict).toMatchObject({ valid: false, anomalies: [{ operations: [1, 3] }] });
});
