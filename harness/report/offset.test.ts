import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Offset } from './offset.ts';

/** So far from any clock of this test that it is never taken for the shared one. */
const NOWHERE = 1e18;
const trip = fc.record({ wait: fc.nat(1000), there: fc.nat(50), back: fc.nat(50) });
const trips = fc.array(trip, { minLength: 1, maxLength: 20 });

test('an answer bounds the error by the quickest round trip so far', () => {
  fc.assert(
    fc.property(trips, fc.integer({ min: -1e6, max: 1e6 }), (all, ahead) => {
      const offset = new Offset(NOWHERE);
      let [now, quickest] = [0, Infinity];
      for (const { wait, there, back } of all) {
        const before = now + wait;
        now = before + there + back;
        quickest = Math.min(quickest, there + back);
        const at = before + there + ahead;
        expect(Math.abs(offset.learn(before, at, now)(at) - (at - ahead))).toBeLessThanOrEqual(quickest / 2);
      }
    }),
  );
});

test('a clock that is shared is known exactly, however slow its answers', () => {
  fc.assert(
    fc.property(trips, fc.integer({ min: -1e6, max: 1e6 }), (all, shared) => {
      const offset = new Offset(shared);
      let now = 0;
      for (const { wait, there, back } of all) {
        const before = now + wait;
        now = before + there + back;
        const at = before + there - shared;
        expect(offset.learn(before, at, now)(at)).toBe(at + shared);
      }
    }),
  );
});

test('a clock that was set or runs wrong: moments keep their order, and stay between the answers around them', () => {
  fc.assert(
    fc.property(
      trips,
      fc.array(fc.integer({ min: -500, max: 5000 }), { minLength: 20, maxLength: 20 }),
      (all, jumps) => {
        const offset = new Offset(NOWHERE);
        let [now, ahead, last, told] = [0, 0, -Infinity, -Infinity];
        for (const [i, { wait, there, back }] of all.entries()) {
          ahead += jumps[i] as number;
          const before = now + wait;
          now = before + there + back;
          // A monotonic clock may run slowly, and never backwards.
          const at = Math.max(last, before + there + ahead);
          ahead = at - before - there;
          const ours = offset.learn(before, at, now);
          expect(ours(at)).toBeGreaterThanOrEqual(before);
          expect(ours(at)).toBeLessThanOrEqual(now);
          if (last > -Infinity && at > last) expect(ours(last)).toBeCloseTo(told, 3);
          [last, told] = [at, ours(at)];
        }
      },
    ),
  );
});
