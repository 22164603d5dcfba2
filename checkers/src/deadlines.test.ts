import { expect, test } from 'vitest';
import {
  bank,
  casRegister,
  causal,
  kv,
  linearizable,
  listAppend,
  mutex,
  mutualExclusion,
  priorityQueue,
  queue,
  regularRegister,
  rwRegister,
  safeRegister,
  sequential,
  sessions,
  set,
  setFull,
  stack,
  staleness,
  stronglyRegularRegister,
  totalQueue,
  uniqueIds,
  type Checker,
  type History,
  type Verdict,
} from './index.ts';
import { containerHistory } from './generate/container-history.ts';
import { growingHistory } from './generate/growing-history.ts';
import { growingSetHistory } from './generate/growing-set-history.ts';
import { lockHistory } from './generate/lock-history.ts';
import { objectHistory } from './generate/object-history.ts';
import { registerHistory } from './generate/register-history.ts';
import { setHistory } from './generate/set-history.ts';

/**
 * A deadline is kept within 100 ms if nothing goes on for long without a look at the clock. So the clock stands still here and counts who
 * looks at it; and when it has been looked at so often, time is up.
 */
const OPERATIONS = 40_000;
const load = { operations: OPERATIONS, clients: 10, seed: 1 };

const registers = (): History => registerHistory({ ...load, crashed: 0.02 }).history as unknown as History;
const fewValues = (): History =>
  registerHistory({ ...load, clients: 5, cas: true, values: 5 }).history as unknown as History;
const container = (kind: 'queue' | 'stack' | 'priority-queue') => (): History =>
  containerHistory({ ...load, kind, crashed: 0.01 });
const lists = (): History => {
  const contents = new Map<number, number[]>();
  let next = 0;
  return objectHistory(load, {
    ask: (_, fraction) => ({
      f: 'txn',
      input:
        fraction() < 0.5 ? [['append', Math.floor(next / 20), next++]] : [['r', Math.floor(next / 20), null]],
    }),
    answer: ({ input }) =>
      (input as [string, number, number][]).map(([f, key, value]) => {
        const now = contents.get(key) ?? [];
        if (f === 'append') contents.set(key, [...now, value]);
        return [f, key, f === 'append' ? value : now];
      }),
  });
};
const ids = (): History => {
  let last = 0;
  return objectHistory(load, { ask: () => ({ f: 'generate' }), answer: () => ++last });
};
const balances = (): History => {
  const accounts = { a: 50, b: 50 };
  return objectHistory(load, {
    ask: (turn) =>
      turn % 2 ? { f: 'read' } : { f: 'transfer', input: turn % 4 ? ['a', 'b', 1] : ['b', 'a', 1] },
    answer: ({ f, input }) => {
      if (f === 'read') return { ...accounts };
      const [from, to] = input as ['a' | 'b', 'a' | 'b'];
      if (accounts[from] === 0) return false;
      accounts[from]--;
      accounts[to]++;
      return true;
    },
  });
};
const drained = (): History => {
  const elements: number[] = [];
  return objectHistory(load, {
    ask: (turn) =>
      turn > OPERATIONS - 30 ? { f: 'drain' } : turn % 2 ? { f: 'enqueue', input: turn } : { f: 'dequeue' },
    answer: ({ f, input }) => {
      if (f === 'enqueue') return void elements.push(input as number);
      return f === 'drain' ? elements.splice(0) : (elements.shift() ?? null);
    },
  });
};

// Each model has operations of its own; here all are looked at alike.
const of = (model: unknown): Checker => linearizable(model as never) as unknown as Checker;

test.each<[string, Checker, () => History]>([
  ['registers, by zones', of(casRegister), registers],
  ['registers of few values', of(casRegister), fewValues],
  ['queues', of(queue), container('queue')],
  ['stacks', of(stack), container('stack')],
  ['priority queues', of(priorityQueue), container('priority-queue')],
  ['sets', of(set), () => setHistory(load)],
  ['mutexes', of(mutex), () => lockHistory({ ...load, owned: false })],
  ['texts that grow', of(kv), () => growingHistory(load) as unknown as History],
  ['safe registers', safeRegister(), registers],
  ['regular registers', regularRegister(), registers],
  ['strongly regular registers', stronglyRegularRegister(), registers],
  ['staleness', staleness(), registers],
  ['causality', causal(), registers],
  ['sessions', sessions(), registers],
  ['sequential consistency', sequential(), registers],
  ['transactions over registers', rwRegister(), registers],
  ['transactions over lists', listAppend(), lists],
  [
    'sets that grow',
    setFull(),
    () => growingSetHistory({ adds: OPERATIONS, reads: 50, clients: 10, seed: 1 }),
  ],
  ['queues in total', totalQueue(), drained],
  ['unique ids', uniqueIds(), ids],
  ['banks', bank(), balances],
  ['mutual exclusion', mutualExclusion(), () => lockHistory({ ...load, owned: true })],
])('%s are judged with an eye on the clock, and stop when time is up', (_, checker, make) => {
  const history = make();
  const looks = (until: number): { readonly verdict: Verdict; readonly looks: number } => {
    let looked = 0;
    const now = (): number => (++looked > until ? 1e6 : 0);
    const verdict = checker.check(history, { deadline: 1000, now, memoryBytes: 2 ** 31 }) as Verdict;
    return { verdict, looks: looked };
  };
  const whole = looks(Infinity);
  expect(whole.verdict.valid).toBe(true);
  expect(whole.looks).toBeGreaterThan(OPERATIONS / 4096);
  for (const share of [0, 0.1, 0.3, 0.5, 0.7, 0.9]) {
    const until = Math.floor(share * whole.looks);
    const stopped = looks(until);
    if (stopped.verdict.valid === true) expect(stopped.looks).toBeGreaterThanOrEqual(until);
    else {
      expect(stopped.verdict.valid).toBe('unknown');
      expect(stopped.verdict.because).toMatch(/time|deadline/);
    }
    // What is still looked at then is what it takes to say so.
    expect(stopped.looks - until).toBeLessThan(20);
  }
  expect(looks(0).verdict.valid).toBe('unknown');
});
