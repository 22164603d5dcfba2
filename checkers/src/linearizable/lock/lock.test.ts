import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../checker.ts';
import { lockHistory } from '../../generate/lock-history.ts';
import type { History, HistoryEvent, Operation, Operations } from '../../history.ts';
import type { Model } from '../../model.ts';
import { lock, mutex } from '../../models/index.ts';
import { tabulate } from '../../table/tabulate.ts';
import { linearizable } from '../linearizable.ts';
import { linearize } from '../reference.ts';
import { holdAgainstReference, plenty, runs } from '../testing.ts';
import { verify } from '../../verify/verify.ts';

type Lock = Model<Operations, unknown>;
// Each has operations of its own; here both are looked at alike.
const locks = [lock, mutex].map((model) => [model.name, model as unknown as Lock] as const);

/** A few processes that acquire and release a lock, now and then without right, and are told the truth mostly. */
const drawn = fc.record({
  tokens: fc.boolean(),
  turns: fc.array(
    fc.record({
      process: fc.nat(3),
      rude: fc.nat(9),
      lie: fc.nat(19),
      answer: fc.constantFrom(true, false, 0, 1, 2, 3),
      fate: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'fail', 'info', 'info that happened'),
    }),
    { maxLength: 10 },
  ),
  order: fc.array(fc.nat(1e6), { minLength: 40, maxLength: 40 }),
  goesOn: fc.nat(9).map((n) => n === 0),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;
type Turn = Drawn['turns'][number];

function played({ tokens, turns, order, goesOn }: Drawn, owned: boolean): History {
  const queues = [0, 1, 2, 3].map((client) => ({
    client,
    process: client,
    holds: false,
    stage: 0,
    f: 'acquire',
    answer: undefined as unknown,
    turns: turns.filter(({ process }) => process === client),
  }));
  const events: HistoryEvent[] = [];
  let holder: number | undefined;
  let token = 0;
  for (let draw = 0; queues.some((one) => one.turns.length > 0); draw++) {
    const busy = queues.filter((one) => one.turns.length > 0);
    const one = busy[(order[draw % order.length] as number) % busy.length] as (typeof busy)[number];
    const { rude, lie, answer, fate } = one.turns[0] as Turn;
    const common = { index: events.length, time: 0, process: one.process };
    if (one.stage++ === 0) {
      one.f = one.holds === rude > 1 ? 'release' : 'acquire';
      one.answer = undefined;
      events.push({ ...common, type: 'invoke', f: one.f });
    } else if (one.stage === 2) {
      if (fate === 'fail' || fate === 'info') continue;
      const works =
        one.f === 'acquire' ? holder === undefined : owned ? holder === one.process : holder !== undefined;
      one.answer = works && one.f === 'acquire' && owned && tokens ? ++token : works;
      if (!works) continue;
      holder = one.f === 'acquire' ? one.process : undefined;
      one.holds = one.f === 'acquire';
    } else {
      const type = fate === 'info that happened' ? 'info' : fate;
      const told = lie === 0 ? answer : one.answer;
      events.push({ ...common, type, f: one.f, ...(type === 'ok' && { value: told }) });
      one.stage = 0;
      one.turns.shift();
      if (type === 'info' && !goesOn) {
        one.process += 4;
        one.holds = false;
      }
    }
  }
  return tabulate(events).history;
}

test.each(locks)('a %s is judged as by brute force, whoever crashes or is refused', (name, model) => {
  const found = { true: 0, false: 0, searched: 0 };
  fc.assert(
    fc.property(drawn, (what) => {
      const history = played(what, name === 'lock');
      fc.pre(history.length > 0);
      const { valid, facts } = holdAgainstReference(history, model);
      found[String(valid) as 'true']++;
      if (String(facts['algorithm']).startsWith('search')) found.searched++;
    }),
    { numRuns: runs(6000) },
  );
  // Of a mutex about 355 in 6000 are illegal, give or take 20.
  expect(Math.min(found.true, found.false)).toBeGreaterThan(runs(200));
  expect(found.searched).toBeLessThan(runs(600));
});

test('what a lock calls a closed part of a legal history is legal, whoever holds it and goes on', () => {
  fc.assert(
    fc.property(drawn, fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), (what, choice) => {
      const all = [...played(what, true)];
      fc.pre(linearize(lock as unknown as Lock, all) !== false);
      const closure = (lock as unknown as Lock).closure?.(all);
      const part = closure?.(all.filter((_op, i) => choice[i])) ?? [];
      expect(linearize(lock as unknown as Lock, part)).not.toBe(false);
      expect(closure?.(part)).toHaveLength(part.length);
    }),
    { numRuns: runs(3000) },
  );
});

const loads = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 1, max: 500 }),
  clients: fc.integer({ min: 1, max: 10 }),
});

test.each(locks)('what a correct %s did is valid, and the order that proves it holds', (name, model) => {
  fc.assert(
    fc.property(loads, fc.constantFrom(0, 0.02), (load, crashed) => {
      const history: History = lockHistory({ ...load, crashed, owned: name === 'lock' });
      const verdict = judge(history, model);
      expect(verdict.valid).toBe(true);
      expect(verify(verdict, history, model)).toBeUndefined();
    }),
    { numRuns: runs(150) },
  );
});

test('a token that is handed out twice, or a lock that is, is found out, and the counterexample holds who got it', () => {
  const model = lock as unknown as Lock;
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.boolean(), (seed, pick, token) => {
      const history: History = lockHistory({ seed, operations: 200, clients: 3, owned: true });
      // In the order in which the lock was given away, which tokens count.
      const holds = [...history]
        .filter(({ f, output }) => f === 'acquire' && typeof output === 'number')
        .toSorted((a, b) => (a.output as number) - (b.output as number));
      const release = [...history].filter(({ f, output }) => f === 'release' && output === true);
      const [first, second] = holds.slice(pick % (holds.length - 1)) as [Operation, Operation];
      const freed = release.find(({ process, call }) => process === first.process && call > first.return);
      fc.pre(freed !== undefined);
      if (token) history.output[second.id] = first.output as number;
      // Nobody released it, and yet the next one got it.
      else history.outcome[freed!.id] = 1;
      const verdict = judge(history, model);
      expect(verdict.valid).toBe(false);
      expect(verify(verdict, history, model)).toBeUndefined();
      expect(verdict.anomalies[0]?.operations).toContain(token ? second.id : first.id);
    }),
    { numRuns: runs(100) },
  );
});

function judge(history: History, model: Lock): Verdict {
  return linearizable(model, { proof: true }).check(history, plenty()) as Verdict;
}

test('a refusal that a hold of unknown outcome might explain is shown with what rules that out', () => {
  const common = { time: 0, f: 'acquire' } as const;
  const { history } = tabulate([
    { ...common, index: 0, process: 0, type: 'invoke' },
    { ...common, index: 1, process: 0, type: 'info' },
    { ...common, index: 2, process: 1, type: 'invoke' },
    { ...common, index: 3, process: 1, type: 'ok', value: false },
    { ...common, index: 4, process: 2, type: 'invoke' },
    { ...common, index: 5, process: 2, type: 'ok', value: 1 },
  ]);
  const verdict = linearizable(lock).check(history as never, plenty()) as Verdict;
  expect(verdict.anomalies[0]?.operations).toEqual([0, 1, 2]);
  expect(verify(verdict, history as never, lock)).toBeUndefined();
});
