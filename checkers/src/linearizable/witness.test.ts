import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { registerHistory } from '../generate/register-history.ts';
import { casRegister } from '../models/index.ts';
import { linearizable } from './linearizable.ts';
import { linearize } from './reference.ts';
import { plenty, runs } from './testing.ts';
import { verify } from '../verify/verify.ts';

const loads = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 1, max: 60 }),
  clients: fc.integer({ min: 1, max: 6 }),
  keys: fc.integer({ min: 1, max: 3 }),
  crashed: fc.constantFrom(0, 0.1),
});

test('an order that the system reveals is the proof if it is right, and changes no answer if it is wrong', () => {
  let followed = 0;
  fc.assert(
    fc.property(loads, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }), (load, lies) => {
      const { history } = registerHistory({ ...load, cas: true, values: 3 });
      const judge = (witness?: readonly number[]): Verdict =>
        linearizable(casRegister, { proof: true, ...(witness && { witness }) }).check(
          history,
          plenty(),
        ) as Verdict;
      const order = (judge().proof ?? []).flatMap(({ operations }) => operations);
      const told = judge(order);
      expect(told.valid).toBe(true);
      expect(verify(told, history)).toBeUndefined();
      if (String(told.facts['algorithm']).includes('the order that the system revealed')) followed++;
      for (const [id, value] of lies)
        if (history.outcome[id % history.length] === 0 && history.f[id % history.length] === 0)
          history.output[id % history.length] = 1 + (value % 3);
      const { valid } = judge();
      expect(judge(order).valid).toBe(valid);
      expect(verify(judge(order), history)).toBeUndefined();
      expect(judge(order.toReversed()).valid).toBe(valid);
      expect(judge([...order, ...order, -1, 10 ** 9]).valid).toBe(valid);
    }),
    { numRuns: runs(300) },
  );
  expect(followed).toBeGreaterThan(0);
});

test('an order that leaves out what happened proves nothing', () => {
  const { history } = registerHistory({ seed: 1, operations: 8, clients: 2, cas: true, values: 2 });
  const order = linearize(casRegister, [...history]);
  if (!order) throw new Error('a correct register left an illegal history');
  const { facts } = linearizable(casRegister, { witness: order.slice(1).map(({ id }) => id) }).check(
    history,
    plenty(),
  ) as Verdict;
  expect(facts['algorithm']).not.toContain('revealed');
});
