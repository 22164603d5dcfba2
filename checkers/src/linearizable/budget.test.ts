import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { registerHistory } from '../generate/register-history.ts';
import { casRegister, queue, type QueueOps } from '../models/index.ts';
import type { History, HistoryEvent } from '../history.ts';
import type { Model } from '../model.ts';
import { tabulate } from '../table/tabulate.ts';
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
    memoryBytes: 50_000,
  }) as Verdict;
  expect(verdict).toMatchObject({ valid: 'unknown', anomalies: [], facts: { 'keys undecided': 1 } });
  expect(verdict.because).toMatch(
    /^out of memory: the search holds 0 MB on key 0, \d+ of 2000 operations in, after \d+ configurations\. Up to \d+ were under way at once, and of \d+ nobody knows whether they took effect\. Try/,
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
    memoryBytes: 60_000,
  }) as Verdict;
  expect(verdict.valid).toBe('unknown');
  expect(verdict.because).toMatch(/ [1-9]\d* of 20 keys are proven linearizable\./);
});
