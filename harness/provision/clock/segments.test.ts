import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BentClock } from '../../bent-clock.ts';
import { right, type Skew, steady } from '../../clock.ts';
import { bend, falls, isTrue, type Segment, shown, truth } from './segments.ts';

const ms = fc.integer({ min: -300_000, max: 300_000 });
const skew: fc.Arbitrary<Skew> = fc.oneof(
  fc.constant(right),
  fc.constant(steady),
  fc.record({ aheadMs: ms }),
  fc.record({ jumpMs: ms }),
  fc.record({ rate: fc.double({ min: 0.1, max: 10, noNaN: true }) }),
  fc.record({ aheadMs: ms, strobe: fc.record({ everyMs: fc.integer({ min: 1, max: 500 }), byMs: ms }) }),
);
/** Skews, each so many milliseconds after the one before it. */
const story = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), skew), { minLength: 1, maxLength: 10 });
const beginMs = 1_700_000_000_000;
const ns = (at: number): bigint => BigInt(Math.round(at)) * 1_000_000n;

function told(steps: readonly (readonly [number, Skew])[]): { pieces: Segment[]; end: number } {
  let at = beginMs;
  const pieces = [truth];
  for (const [later, next] of steps) {
    at += later;
    pieces.push(bend(pieces.at(-1) as Segment, next, ns(at)));
  }
  return { pieces, end: at };
}

test('whatever is done to a clock, it shows what the simulation’s clock shows', () => {
  fc.assert(
    fc.property(story, fc.integer({ min: 0, max: 10_000 }), (steps, later) => {
      const clock = new BentClock();
      let at = beginMs;
      for (const [later, next] of steps) clock.skew(next, (at += later));
      const { pieces, end } = told(steps);
      const nanoseconds = Number(shown(pieces.at(-1) as Segment, ns(end + later)) - ns(end + later));
      expect(nanoseconds / 1e6).toBeCloseTo(clock.shown(end + later) - end - later, 0);
    }),
  );
});

test('a clock that is not told to jump goes on from where it is', () => {
  fc.assert(
    fc.property(story, fc.double({ min: 0.1, max: 10, noNaN: true }), (steps, rate) => {
      const { pieces, end } = told(steps);
      const before = { ...(pieces.at(-1) as Segment), by: 0n };
      const after = bend(before, { rate }, ns(end + 77));
      expect(shown(after, ns(end + 77))).toBe(shown(before, ns(end + 77)));
    }),
  );
});

test('once it is right, it is, whatever has been before', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const { pieces } = told([...steps, [1, right]]);
      expect(isTrue(pieces.at(-1) as Segment)).toBe(true);
    }),
  );
});

test('who goes on at the old pace for too long has to step back exactly where it falls', () => {
  const pace = fc.double({ min: 0.1, max: 10, noNaN: true });
  fc.assert(
    fc.property(pace, pace, fc.integer({ min: 0, max: 1000 }), (old, next, jumpMs) => {
      const before = bend(truth, { rate: old }, ns(beginMs));
      const at = ns(beginMs + 100);
      const after = bend(before, { rate: next, jumpMs }, at);
      const late = at + 50_000_000n;
      const [stayed, changed] = [shown(before, late), shown(after, late)];
      // Who falls and jumps ahead at the same time may be lucky.
      const steps = falls(before, after, at) ? jumpMs > 0 || changed <= stayed : changed >= stayed;
      expect(steps).toBe(true);
    }),
  );
});
