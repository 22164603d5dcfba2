import { describe, expect, test } from 'vitest';
import type { CheckContext, Verdict } from '../checker.ts';
import { checkCausal } from '../causal/index.ts';
import { checkSessions } from '../sessions/index.ts';
import { simulate } from '../generate/transaction-history.ts';
import { checkListAppend } from './list-append.ts';
import { checkRwRegister } from './rw-register.ts';

const load = { transactions: 30_000, clients: 10, seed: 1 } as const;
const registers = simulate({ ...load, kind: 'register' });
const lists = simulate({ ...load, kind: 'append' });

const checks: Record<string, (context: CheckContext) => Verdict> = {
  'list-append': (context) => checkListAppend(lists, {}, context),
  'rw-register': (context) => checkRwRegister(registers, {}, context),
  causal: (context) => checkCausal(registers, {}, context),
  'session guarantees': (context) => checkSessions(registers, {}, context),
};

/** A clock that moves on by a millisecond whenever it is asked, so that looks at it count work. */
function looks(deadline: number): { context: CheckContext; now: () => number } {
  let time = 0;
  return {
    context: { deadline, now: () => ++time, memoryBytes: Infinity },
    now: () => time,
  };
}

describe.each(Object.entries(checks))('%s', (_, check) => {
  const whole = looks(Infinity);
  const valid = check(whole.context).valid;

  test('looks at the clock often, and answers when there is time', () => {
    expect(valid).toBe(true);
    expect(whole.now()).toBeGreaterThan(10);
  });

  test('stops at the first look after its deadline, wherever that is', () => {
    for (const part of [0.1, 0.5, 0.9]) {
      const deadline = Math.floor(whole.now() * part);
      const { context, now } = looks(deadline);
      expect(check(context)).toMatchObject({
        valid: 'unknown',
        because: expect.stringMatching(
          /^out of time after \d+ steps of work\. Proven meanwhile: .+\. Try more time/,
        ) as string,
      });
      expect(now()).toBe(deadline + 1);
    }
  });

  test('never holds more than it may', () => {
    const context = { deadline: Infinity, now: () => 0 };
    expect(check({ ...context, memoryBytes: 200_000 })).toMatchObject({
      valid: 'unknown',
      because: expect.stringMatching(
        /^out of memory: the check would hold \d+ MB, and may hold 1 MB, after \d+ steps of work\. .+ Try more memory/,
      ),
    });
    expect(check({ ...context, memoryBytes: 100e6 }).valid).toBe(true);
  });
});
