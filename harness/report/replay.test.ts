import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DrawnOperation } from '../record/result.ts';
import { replay, type Semantics } from './replay.ts';
import { semanticsOf } from './semantics.ts';

const base = { id: 0, process: 0, key: 'x', outcome: 'ok' } as const;
const write = (input: number, call: number, end: number): DrawnOperation => ({
  ...base,
  f: 'write',
  input,
  call,
  return: end,
});
const read = (output: number | null, call: number, end: number): DrawnOperation => ({
  ...base,
  f: 'read',
  output,
  call,
  return: end,
});

function play(operations: readonly DrawnOperation[]) {
  const object = semanticsOf(operations) as Semantics;
  const played = replay(operations, object);
  return {
    impossible: played?.impossible,
    can: played?.moments.map(({ from, states }) => `${from} ${object.show(states, 30)}`),
  };
}

test('a stale read is the step that leaves nothing, and until then the key can be what was written', () => {
  const stale = read(14, 5, 6);
  expect(play([write(14, 1, 2), write(15, 3, 4), stale])).toEqual({
    impossible: stale,
    can: ['1 older or 14', '2 only 14', '3 14 or 15', '4 only 15', '5 only 15'],
  });
});

test('a write without an answer may take effect at any time from its call on', () => {
  const lost: DrawnOperation = { ...base, f: 'write', input: 2, outcome: 'info', call: 3 };
  expect(play([write(1, 1, 2), lost, read(1, 4, 5), read(2, 6, 7)]).impossible).toBeUndefined();
  const back = read(1, 8, 9);
  expect(play([write(1, 1, 2), lost, read(2, 6, 7), back]).impossible).toBe(back);
});

test('what is said of a set is whether the element is in it', () => {
  const without: DrawnOperation = { ...base, f: 'read', output: [1, 2], call: 3, return: 4 };
  const add: DrawnOperation = { ...base, f: 'add', input: 9, call: 1, return: 2 };
  expect(play([add, without])).toEqual({
    impossible: without,
    can: ['1 absent or present', '2 only present', '3 only present'],
  });
});

test('what is said of a transaction is how it can be decided', () => {
  const transact: DrawnOperation = { ...base, f: 'transact', input: [5, 2], outcome: 'info', call: 1 };
  const says = (output: unknown, call: number): DrawnOperation => ({
    ...base,
    f: 'outcome',
    output,
    call,
    return: call + 1,
  });
  const commit = says(['commit', 5], 4);
  expect(play([says(['abort', null], 2), commit])).toEqual({
    impossible: commit,
    can: ['2 open or abort', '3 only abort', '4 only abort'],
  });
  const lost = says(['commit', null], 2);
  expect(play([lost]).impossible).toBe(lost);
  expect(play([transact, says(['prepared', null], 2), says(['abort', null], 4)]).impossible).toBeUndefined();
});

test('what is said of an instance of consensus is what was decided', () => {
  const learned = (output: number | null, call: number): DrawnOperation => ({
    ...base,
    f: 'learned',
    output,
    call,
    return: call + 1,
  });
  const other = learned(2, 5);
  expect(play([learned(null, 1), learned(1, 3), other])).toEqual({
    impossible: other,
    can: ['1 only open', '2 only open', '3 open or 1', '4 only 1', '5 only 1'],
  });
});

test('what is said of a counter is its sum', () => {
  const add = (input: number, call: number, end: number): DrawnOperation => ({
    ...base,
    f: 'add',
    input,
    call,
    return: end,
  });
  const short = read(9, 5, 6);
  expect(play([add(9, 1, 2), add(4, 3, 4), short])).toEqual({
    impossible: short,
    can: ['1 0 or 9', '2 only 9', '3 9 or 13', '4 only 13', '5 only 13'],
  });
});

test('the replay finds an impossible step exactly where trying every order finds none', () => {
  let impossible = 0;
  fc.assert(
    fc.property(fc.array(anyOperation(), { minLength: 1, maxLength: 5 }), (raw) => {
      const operations = raw.map((operation, id) => ({ ...operation, id, process: id }));
      const found = replay(operations, semanticsOf(operations) as Semantics)?.impossible;
      expect(found === undefined).toBe(someOrder(operations, semanticsOf(operations) as Semantics));
      if (found) impossible++;
    }),
    { numRuns: 2000 },
  );
  expect(impossible).toBeGreaterThan(100);
});

function anyOperation(): fc.Arbitrary<DrawnOperation> {
  const digit = fc.integer({ min: 1, max: 3 });
  const shape = fc.oneof(
    fc.record({ f: fc.constant('write'), input: digit }),
    fc.record({ f: fc.constant('read'), output: fc.oneof(digit, fc.constant(null)) }),
    fc.record({ f: fc.constant('cas'), input: fc.tuple(digit, digit), output: fc.boolean() }),
  );
  return fc
    .tuple(shape, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 6 }), fc.boolean())
    .map(([what, call, took, known]): DrawnOperation => {
      if (known) return { ...base, ...what, call, return: call + took };
      const { output: _, ...asked } = what as typeof what & { output?: unknown };
      return { ...base, ...asked, outcome: 'info', call };
    });
}

/** Every order of every subset that keeps all known operations, by hand. */
function someOrder(operations: readonly DrawnOperation[], object: Semantics): boolean {
  const go = (state: string, left: readonly DrawnOperation[]): boolean => {
    if (left.every(({ outcome }) => outcome === 'info')) return true;
    return left.some((next) => {
      const others = left.filter((other) => other !== next);
      if (others.some((other) => other.outcome === 'ok' && (other.return as number) < next.call))
        return false;
      const after = object.step(state, next);
      return after !== undefined && go(after, others);
    });
  };
  return go(object.initial, operations);
}
