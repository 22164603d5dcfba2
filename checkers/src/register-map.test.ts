import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { causal } from './causal/causal.ts';
import type { Checker, Verdict } from './checker.ts';
import { drawn } from './drawn.testing.ts';
import { registerHistory } from './generate/register-history.ts';
import { anyHistory } from './table/table.ts';
import type { History } from './history.ts';
import { plenty, runs } from './linearizable/testing.ts';
import { checkers } from './named-checkers.ts';
import { registerMap } from './register-map.ts';
import { GUARANTEES, sessions } from './sessions/sessions.ts';

const named = (name: string): Checker => checkers.get(name)?.() as Checker;
const check = (checker: Checker, history: History): Verdict => checker.check(history, plenty()) as Verdict;

const MODELS = [
  'cas-register',
  'strongly-regular-register',
  'regular-register',
  'safe-register',
  'sequential',
  'causal',
  'sessions',
];

/** Each promise's own checker. */
const alone: Readonly<Record<string, Checker>> = {
  linearizable: named('cas-register'),
  'strongly regular': named('strongly-regular-register'),
  regular: named('regular-register'),
  safe: named('safe-register'),
  sequential: named('sequential'),
  ...Object.fromEntries((['CCv', 'CM', 'CC'] as const).map((level) => [level, causal({ level })])),
  ...Object.fromEntries(GUARANTEES.map((guarantee) => [guarantee, sessions({ guarantees: [guarantee] })])),
};

/** Histories of a store that is mostly right: values repeat or not, clients crash, reads lie. */
const anyRegisters: fc.Arbitrary<History> = fc
  .record({
    seed: fc.nat(),
    operations: fc.integer({ min: 2, max: 14 }),
    clients: fc.integer({ min: 1, max: 4 }),
    keys: fc.integer({ min: 1, max: 2 }),
    crashed: fc.constantFrom(0, 0.15),
    cas: fc.boolean(),
    values: fc.constantFrom(undefined, 3),
    lies: fc.array(fc.record({ at: fc.nat(), value: fc.nat() }), { maxLength: 3 }),
  })
  .map(({ lies, values, ...load }) => {
    const { history } = registerHistory({ ...load, ...(values !== undefined && { values }) });
    const reads = Array.from(history.f.keys()).filter(
      (row) => history.names[history.f[row] as number] === 'read' && history.outcome[row] === 0,
    );
    for (const { at, value } of lies) {
      const row = reads[at % reads.length];
      if (row !== undefined) history.output[row] = 1 + (value % load.operations);
    }
    return anyHistory(history);
  });

test('no map contradicts a checker that is asked alone, nor the map of another model', () => {
  fc.assert(
    fc.property(anyRegisters, (history) => {
      const own = Object.entries(alone).map(
        ([name, checker]) => [name, check(checker, history).valid] as const,
      );
      const wrong = MODELS.flatMap((model) => {
        const verdict = check(named(model), history);
        const map: Readonly<Record<string, string>> = registerMap(model, verdict, history) ?? {};
        return own
          .filter(
            ([name, valid]) => map[name] === (valid === true ? 'refuted' : valid === false ? 'proven' : ''),
          )
          .map(([name, valid]) => `${model}: ${name} ${map[name]}, but alone ${valid}`);
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: runs(300) },
  );
});

const FRESH = drawn(`
A  |─ write 1 ─|
B                |─ read → 1 ─|`);
const STALE = drawn(`
A  |─ write 1 ─| |─ write 2 ─|
B                               |─ read → 1 ─|`);
const OWN = drawn('A  |─ write 1 ─| |─ write 2 ─| |─ read → 1 ─|');

const map = (model: string, history: History): Readonly<Record<string, string>> | undefined =>
  registerMap(model, check(named(model), history), history);

test('what is linearizable keeps every weaker promise', () => {
  expect(new Set(Object.values(map('register', FRESH) ?? {}))).toEqual(new Set(['proven']));
  expect(Object.keys(map('register', FRESH) ?? {}).toSorted()).toEqual(Object.keys(alone).toSorted());
});

test('what is not linearizable says nothing of weaker promises, and what is not regular says it of stronger ones', () => {
  expect(map('register', STALE)).toMatchObject({
    linearizable: 'refuted',
    regular: 'unknown',
    PRAM: 'unknown',
  });
  expect(map('regular-register', STALE)).toMatchObject({
    linearizable: 'refuted',
    'strongly regular': 'refuted',
    regular: 'refuted',
    safe: 'unknown',
    sequential: 'unknown',
  });
});

test('a broken guarantee breaks causality and more, and leaves the other guarantees as they were found', () => {
  expect(map('sessions', OWN)).toMatchObject({
    linearizable: 'refuted',
    sequential: 'refuted',
    CC: 'refuted',
    PRAM: 'refuted',
    'read your writes': 'refuted',
    'monotonic reads': 'proven',
    regular: 'unknown',
  });
});

test('models of other objects have no such map', () => {
  expect(registerMap('set', check(named('register'), FRESH), FRESH)).toBeUndefined();
});

test('a compare-and-set of a value by itself, which others wrote too, is not taken for a read of its own write', () => {
  const history = drawn('A  |─ write 2 ─| |─ cas [2,2] → true ─| |─ read → 2 ─|');
  for (const model of ['cas-register', 'sequential', 'causal', 'sessions'])
    expect(check(named(model), history).valid).not.toBe(false);
});

test('the write of a compare-and-set and another of the same value are not taken for one', () => {
  const history = drawn('A  |─ read → ∅ ─| |─ cas [null,2] → true ─| |─ write 3 ─| |─ write 2 ─|');
  for (const model of ['cas-register', 'sequential']) expect(check(named(model), history).valid).toBe(true);
});
