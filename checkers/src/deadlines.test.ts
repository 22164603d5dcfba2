import { expect, test } from 'vitest';
import { checkers, sessions } from './index.ts';
import { judged } from './generate/judged.ts';
import type { Verdict } from './index.ts';

/**
 * A deadline is kept within 100 ms if nothing goes on for long without a look at the clock. So the clock stands still here and counts who
 * looks at it; and when it has been looked at so often, time is up. (How late that is in milliseconds, bench/checkers-deadlines.ts tells.)
 */
const OPERATIONS = 40_000;

/** How far it got, what is proven meanwhile, and what to try. */
const TELLING = /^out of (time|memory).* after .*\d+.*\. Proven meanwhile: .+\. Try .+\.$/;

test('no checker is left out', () => {
  const names = judged.map(({ checker, model }) => model ?? checker.name);
  for (const [name, make] of checkers) {
    // A command line asks for all session guarantees; without a word there are four, and another name.
    const own = name === 'sessions' ? sessions().name : make().name;
    expect(names).toContain(own === 'linearizable' ? name : own);
  }
});

test.each(judged)(
  '$name are judged with an eye on the clock, and stop when time is up',
  async ({ checker, history: make, most = OPERATIONS }) => {
    const history = make(Math.min(most, OPERATIONS));
    const looks = async (until: number): Promise<{ readonly verdict: Verdict; readonly looks: number }> => {
      let looked = 0;
      const now = (): number => (++looked > until ? 1e6 : 0);
      const verdict = await checker.check(history, { deadline: 1000, now, memoryBytes: 2 ** 31 });
      return { verdict, looks: looked };
    };
    const whole = await looks(Infinity);
    expect(whole.verdict.valid).toBe(true);
    expect(whole.looks).toBeGreaterThan(history.length / 4096);
    for (const share of [0, 0.1, 0.3, 0.5, 0.7, 0.9]) {
      const until = Math.floor(share * whole.looks);
      const stopped = await looks(until);
      if (stopped.verdict.valid === true) expect(stopped.looks).toBeGreaterThanOrEqual(until);
      else {
        expect(stopped.verdict.valid).toBe('unknown');
        expect(stopped.verdict.because).toMatch(TELLING);
      }
      // What is still looked at then is what it takes to say so.
      expect(stopped.looks - until).toBeLessThan(20);
    }
    expect((await looks(0)).verdict.valid).toBe('unknown');
  },
);

test.each(judged)(
  '$name are not judged in no memory, and that is said',
  async ({ checker, history: make }) => {
    const context = { deadline: Infinity, now: () => 0, memoryBytes: 1000 };
    const { valid, because } = await checker.check(make(OPERATIONS / 10), context);
    expect(valid).toBe('unknown');
    expect(because).toMatch(TELLING);
  },
);
