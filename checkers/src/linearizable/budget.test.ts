import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { registerHistory } from '../generate/register-history.ts';
import { casRegister, queue, type QueueOps } from '../models/index.ts';
import type { History, HistoryEvent } from '../history.ts';
import type { Model } from '../model.ts';
import { select } from '../table/table.ts';
import { tabulate } from '../table/tabulate.ts';
import { plenty } from './testing.ts';
import { linearizable } from './linearizable.ts';

/** A clock that moves on by so much each time that it is asked, or that a step is taken. */
function clock(): { now: () => number; tick: (ms: number) => void } {
  let time = 0;
  return { now: () => time, tick: (ms) => void (time += ms) };
}

/** A queue whose steps take time, and that does not say what it is; and fifteen clients who all put in at once, so that every order is possible. */
function crowded(
  ms: number,
  tick: (ms: number) => void,
): { model: Model<QueueOps, readonly string[]>; history: History<QueueOps> } {
  const { closure: _closure, container: _container, ...rest } = queue;
  const model: Model<QueueOps, readonly string[]> = {
    ...rest,
    step: (state, op) => {
      tick(ms);
      return queue.step(state, op);
    },
  };
  const events: HistoryEvent<QueueOps>[] = [];
  const clients = Array.from({ length: 15 }, (_value, process) => process);
  for (const process of clients)
    events.push({ index: process, time: 0, process, type: 'invoke', f: 'enqueue', value: process });
  for (const process of clients)
    events.push({ index: 15 + process, time: 0, process, type: 'ok', f: 'enqueue' });
  events.push({ index: 30, time: 0, process: 0, type: 'invoke', f: 'dequeue' });
  events.push({ index: 31, time: 0, process: 0, type: 'ok', f: 'dequeue', value: 'never put in' });
  return { model, history: tabulate(events).history };
}

test.each([0.001, 0.1, 10])('a search keeps its deadline to 100 ms, though each step takes %d ms', (ms) => {
  const { now, tick } = clock();
  const { model, history } = crowded(ms, tick);
  const verdict = linearizable(model).check(history, { deadline: 400, now, memoryBytes: 1e12 }) as Verdict;
  expect(verdict).toMatchObject({ valid: 'unknown', because: expect.stringContaining('out of time') });
  expect(now()).toBeLessThan(500);
});

test('a search that may hold little gives up, and says how far it got and what to try', () => {
  const { history } = registerHistory({
    operations: 2000,
    clients: 20,
    cas: true,
    values: 4,
    seed: 1,
    crashed: 0.02,
  });
  const verdict = linearizable(casRegister).check(history, {
    deadline: Infinity,
    now: () => 0,
    memoryBytes: 300_000,
  }) as Verdict;
  expect(verdict).toMatchObject({ valid: 'unknown', anomalies: [], facts: { 'keys undecided': 1 } });
  expect(verdict.because).toMatch(
    /^out of memory: it holds \d+ kB on key 0 after \d+ of 2000 operations and \d+ configurations, where up to \d+ were under way at once, and of \d+ nobody knows whether they took effect\. Proven meanwhile: the history on key 0 is linearizable up to there\. Try more time or memory/,
  );
});

test('what is proven meanwhile is said', () => {
  const { history } = registerHistory({
    operations: 4000,
    clients: 20,
    keys: 20,
    zipf: 2,
    cas: true,
    values: 4,
    seed: 1,
    crashed: 0.02,
  });
  const verdict = linearizable(casRegister).check(history, {
    deadline: Infinity,
    now: () => 0,
    memoryBytes: 500_000,
  }) as Verdict;
  expect(verdict.valid).toBe('unknown');
  expect(verdict.because).toMatch(
    /Proven meanwhile: [1-9]\d* of 20 keys are linearizable, and the history on key \d+ is linearizable up to there\./,
  );
});

test('a violation that there is no time to shrink is named all the same, by operations that are illegal on their own', () => {
  const { register: _register, ...model } = casRegister;
  const { history } = registerHistory({ operations: 2000, clients: 3, stale: 1, seed: 3 });
  let late = false;
  const slow: typeof model = {
    ...model,
    closure: (all) => {
      late = true;
      return model.closure!(all);
    },
  };
  // Time is up as soon as the search is over.
  const now = (): number => (late ? 100_001 : 0);
  const verdict = linearizable(slow).check(history, {
    deadline: 100_000,
    now,
    memoryBytes: 2 ** 31,
  }) as Verdict;
  expect(verdict.valid).toBe(false);
  const [anomaly] = verdict.anomalies;
  expect(anomaly).toMatchObject({
    kind: 'not linearizable',
    key: 0,
    explanation: expect.stringContaining('There was no time to look for the few that show it'),
  });
  const operations = anomaly?.operations ?? [];
  expect(operations.length).toBeGreaterThan(64);
  const part = select(history, operations);
  expect((linearizable(casRegister).check(part, plenty()) as Verdict).valid).toBe(false);
});
