import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { HistoryEvent } from '../history.ts';
import { casRegisterFrom, type CasRegisterOps } from '../models/index.ts';
import { tabulate } from '../table/tabulate.ts';
import { linearizable } from './linearizable.ts';
import { plenty } from './testing.ts';

test('a write that fits after all others, though not where it had to be, is not explained as impossible', () => {
  // 1 is overwritten by 2 before the compare-and-set of 1, which put 3 there, was called.
  const events = [
    [0, 'invoke', 'read'],
    [1, 'invoke', 'cas', [0, 4]],
    [2, 'invoke', 'write', 1],
    [1, 'ok', 'cas', false],
    [3, 'invoke', 'write', 2],
    [3, 'ok', 'write'],
    [2, 'ok', 'write'],
    [4, 'invoke', 'cas', [1, 3]],
    [0, 'ok', 'read', 3],
  ].map(([process, type, f, value], index) => ({ index, time: 0, process, type, f, value }));
  const { history } = tabulate<CasRegisterOps>(events as HistoryEvent<CasRegisterOps>[]);
  const verdict = linearizable(casRegisterFrom(0)).check(history, plenty()) as Verdict;
  expect(verdict.valid).toBe(false);
  expect(verdict.anomalies[0]?.explanation).not.toContain('write 2');
});
