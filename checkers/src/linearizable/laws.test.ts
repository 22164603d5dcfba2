import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { registerHistory, type RegisterLoad } from '../generate/register-history.ts';
import type { History, HistoryEvent } from '../history.ts';
import { casRegister, type CasRegisterOps } from '../models/index.ts';
import { tabulate } from '../table/tabulate.ts';
import { Budget } from './budget.ts';
import { linearizable } from './linearizable.ts';
import { linearize } from './reference.ts';
import { lazySearch } from './register/lazy-search.ts';
import { registerSteps } from './register/steps.ts';
import { UNDECIDED, HOLDS, zones } from './register/zones.ts';
import { search } from './search.ts';
import { plenty, runs } from './testing.ts';
import { verify } from '../verify/verify.ts';

type Recorded = History<CasRegisterOps>;

function judge(history: Recorded): Verdict {
  return linearizable(casRegister, { proof: true }).check(history, plenty()) as Verdict;
}

/** The answer alone. */
function valid(history: Recorded): unknown {
  return (linearizable(casRegister, { explained: 0 }).check(history, plenty()) as Verdict).valid;
}

/** Everything that can be asked of one register, and the events it becomes. */
const MOVES = [
  { f: 'write', input: 1, type: 'ok' },
  { f: 'write', input: 2, type: 'ok' },
  { f: 'write', input: 1, type: 'info' },
  { f: 'read', type: 'ok', output: null },
  { f: 'read', type: 'ok', output: 1 },
  { f: 'read', type: 'ok', output: 2 },
  { f: 'cas', input: [1, 2], type: 'ok', output: true },
  { f: 'cas', input: [1, 2], type: 'ok', output: false },
  { f: 'cas', input: [1, 2], type: 'info' },
  { f: 'cas', input: [null, 1], type: 'ok', output: false },
] as const;

/** All ways in which n calls and their returns can follow each other, as lists of operation numbers. */
function interleavings(n: number): number[][] {
  let all: number[][] = [[]];
  for (let position = 0; position < 2 * n; position++)
    all = all.flatMap((begun) => {
      const called = new Set(begun);
      const open = [...called].filter((op) => begun.indexOf(op) === begun.lastIndexOf(op));
      return [...open, ...(called.size < n ? [called.size] : [])].map((op) => [...begun, op]);
    });
  return all;
}

test('every history of three operations is judged by every algorithm as by brute force', () => {
  const orders = interleavings(3);
  expect(orders).toHaveLength(15);
  let legal = 0;
  let compared = 0;
  const wrong: unknown[] = [];
  for (const order of orders)
    for (let choice = 0; choice < MOVES.length ** 3; choice++) {
      const moves = [choice % 10, Math.floor(choice / 10) % 10, Math.floor(choice / 100)].map(
        (i) => MOVES[i] as (typeof MOVES)[number],
      );
      const called = new Set<number>();
      const events = order.map((op, index): HistoryEvent => {
        const { f, type, ...values } = moves[op] as (typeof MOVES)[number];
        const common = { index, time: index, process: op, f };
        if (called.has(op)) return { ...common, type, value: 'output' in values ? values.output : undefined };
        called.add(op);
        return { ...common, type: 'invoke', value: 'input' in values ? values.input : undefined };
      });
      const { history } = tabulate<CasRegisterOps>(events as HistoryEvent<CasRegisterOps>[]);
      const expected = linearize(casRegister, [...history]) !== false;
      const answers = all(history);
      if (answers.some((answer) => answer !== expected)) wrong.push({ events, answers, expected });
      if (expected) legal++;
      compared += answers.length;
    }
  expect(wrong).toEqual([]);
  expect(legal).toBeGreaterThan(1000);
  expect(compared).toBeGreaterThan(3 * 15_000);
});

/** What each algorithm says about one register; zones only where they apply. */
function all(history: Recorded): boolean[] {
  const steps = registerSteps(history as never, casRegister.register as never, null);
  const byZones = zones(steps, new Budget(plenty())).answers[history.keys.length] as number;
  return [
    lazySearch(steps, new Budget(plenty())).valid === true,
    lazySearch(steps, new Budget(plenty()), 1).valid === true,
    search(history, casRegister, new Budget(plenty())).valid === true,
    ...(byZones === UNDECIDED ? [] : [byZones === HOLDS]),
  ];
}

const loads: fc.Arbitrary<RegisterLoad> = fc.record(
  {
    seed: fc.nat(),
    operations: fc.integer({ min: 1, max: 80 }),
    clients: fc.integer({ min: 1, max: 7 }),
    values: fc.integer({ min: 1, max: 4 }),
    cas: fc.boolean(),
    crashed: fc.constantFrom(0, 0.05, 0.2),
  },
  { requiredKeys: ['seed', 'operations', 'clients'] },
);

/** A history with some answers replaced by others that are possible. */
const doubtful = fc
  .tuple(loads, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }))
  .map(([load, lies]) => {
    const { history } = registerHistory(load);
    const reads = Array.from(history.f.keys()).filter(
      (row) => history.names[history.f[row] as number] === 'read' && history.outcome[row] === 0,
    );
    for (const [at, value] of lies)
      if (reads.length > 0)
        history.output[reads[at % reads.length] as number] = 1 + (value % (load.values ?? load.operations));
    return history;
  });

test('a crashed write of the value that is there already may be what another write is laid before', () => {
  // write 1 fits only between the two compare-and-sets, and then 4 has to be written once more.
  const { history } = tabulate<CasRegisterOps>(
    [
      [1, 'invoke', 'write', 4],
      [5, 'invoke', 'write', 3],
      [5, 'ok', 'write'],
      [5, 'invoke', 'cas', [3, 4]],
      [5, 'ok', 'cas', true],
      [5, 'invoke', 'cas', [4, 2]],
      [3, 'invoke', 'write', 1],
      [5, 'ok', 'cas', true],
      [3, 'ok', 'write'],
      [0, 'invoke', 'read'],
      [0, 'ok', 'read', 2],
    ].map(
      ([process, type, f, value], index) =>
        ({ index, time: 0, process, type, f, value }) as HistoryEvent<CasRegisterOps>,
    ),
  );
  expect(linearize(casRegister, [...history])).not.toBe(false);
  expect(all(history)).toEqual([true, true, true]);
});

test('on longer histories the algorithms agree with each other', () => {
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(doubtful, (history) => {
      const answers = all(history);
      expect(new Set(answers).size).toBe(1);
      found[`${answers[0] as boolean}`]++;
    }),
    { numRuns: runs(4000) },
  );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(0);
});

test('what a correct register did is valid, and the order that proves it holds', () => {
  fc.assert(
    fc.property(loads, (load) => {
      const { history } = registerHistory({ ...load, keys: 2 });
      const verdict = judge(history);
      expect(verdict.valid).toBe(true);
      expect(verify(verdict, history)).toBeUndefined();
    }),
    { numRuns: runs(1500) },
  );
});

test('a stale read that is planted is found, and is in the counterexample', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (seed, cas) => {
      const { history, planted } = registerHistory({
        seed,
        operations: 400,
        clients: 3,
        cas,
        stale: 1,
        reads: 0.5,
      });
      fc.pre(planted.length > 0);
      const verdict = judge(history);
      expect(verdict.valid).toBe(false);
      expect(verdict.anomalies[0]?.operations).toContain(planted[0]);
      expect(verify(verdict, history)).toBeUndefined();
    }),
    { numRuns: runs(200) },
  );
});

test('where values repeat, whatever is planted, the verdict is proved', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 8 }), (seed, values) => {
      const { history } = registerHistory({
        seed,
        operations: 300,
        clients: 4,
        cas: true,
        values,
        stale: 2,
        reads: 0.5,
      });
      expect(verify(judge(history), history)).toBeUndefined();
    }),
    { numRuns: runs(200) },
  );
});

test('the answer does not depend on names, on the clock, on crashed reads, or on what failed', () => {
  fc.assert(
    fc.property(doubtful, fc.integer({ min: 1, max: 1e9 }), (history, by) => {
      const answer = valid(history);
      const other = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(other)
          : value === null || value === undefined || typeof value === 'boolean'
            ? value
            : `v${JSON.stringify(value)}`;
      expect(
        valid(
          rewritten(history, (event) => ({
            ...event,
            ...('value' in event && { value: other(event.value) }),
          })),
        ),
      ).toBe(answer);
      expect(
        valid(
          rewritten(history, (event) => ({ ...event, process: event.process + 7, time: event.time + by })),
        ),
      ).toBe(answer);
      const noise = rewritten(history, (event) => event, [
        { f: 'read', type: 'info' },
        { f: 'write', type: 'fail', value: 1 },
        { f: 'cas', type: 'fail', value: [1, 2] },
      ]);
      expect(valid(noise)).toBe(answer);
    }),
    { numRuns: runs(250) },
  );
});

test('a valid history stays valid without its reads, and with writes that may have happened', () => {
  fc.assert(
    fc.property(doubtful, fc.nat(), (history, seed) => {
      fc.pre(valid(history) === true);
      const dropped = tabulate<CasRegisterOps>(
        events(history).filter(({ f, process }) => f !== 'read' || (process + seed) % 2 === 0),
      );
      expect(valid(dropped.history)).toBe(true);
      expect(valid(rewritten(history, (event) => event, [{ f: 'write', type: 'info', value: 2 }]))).toBe(
        true,
      );
    }),
    { numRuns: runs(250) },
  );
});

function events(history: Recorded): HistoryEvent<CasRegisterOps>[] {
  const found: HistoryEvent<CasRegisterOps>[] = [];
  for (const op of history) {
    const common = { process: op.process, f: op.f, ...(op.key !== undefined && { key: op.key }) };
    found.push({ ...common, index: op.call, time: op.callTime, type: 'invoke', value: op.input });
    if (op.return !== Infinity)
      found.push({ ...common, index: op.return, time: op.returnTime, type: op.outcome, value: op.output });
  }
  return found.toSorted((a, b) => a.index - b.index);
}

/** The same history with other events, and with operations added by clients of their own that span all of it. */
function rewritten(
  history: Recorded,
  change: (event: HistoryEvent<CasRegisterOps>) => HistoryEvent<CasRegisterOps>,
  added: readonly { readonly f: string; readonly type: 'info' | 'fail'; readonly value?: unknown }[] = [],
): Recorded {
  const middle = events(history).map(change);
  const key = history.keys[0];
  const common = added.map(({ f }, i) => ({
    f,
    process: 1_000_000 + i,
    time: 0,
    ...(key !== undefined && { key }),
  }));
  const before = common.map((event, i) => ({ ...event, type: 'invoke', value: added[i]?.value }));
  const after = common.map((event, i) => ({ ...event, type: added[i]?.type }));
  const whole = [...before, ...middle, ...after].map((event, index) => ({ ...event, index }));
  return tabulate<CasRegisterOps>(whole as HistoryEvent<CasRegisterOps>[]).history;
}
