import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { registerHistory } from '../generate/register-history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { plenty } from '../linearizable/testing.ts';
import { verify } from '../verify/verify.ts';
import { casRegister, casRegisterFrom, type CasRegisterOps } from '../models/index.ts';
import { ILLEGAL, type Model } from '../model.ts';
import { tabulate } from '../table/tabulate.ts';
import { hoarder, sleeper } from './fixture/models.ts';
import { inWorkers } from './index.ts';

const module = new URL('./fixture/models.ts', import.meta.url).href;

const checker = linearizable(casRegister);

test('workers come to the verdict that one thread comes to, and prove it', async () => {
  for (const stale of [0, 2]) {
    const { history } = registerHistory({
      operations: 4000,
      clients: 8,
      keys: 20,
      cas: true,
      values: 4,
      seed: 3,
      crashed: 0.01,
      stale,
    });
    const alone = checker.check(history, plenty()) as Verdict;
    const together = await inWorkers(checker, { workers: 2 }).check(history, plenty());
    expect(together.valid).toBe(stale === 0);
    const byKey = (verdict: Verdict): unknown[] =>
      verdict.anomalies.toSorted((a, b) => Number(a.key) - Number(b.key));
    expect(byKey(together)).toEqual(byKey(alone));
    expect(together.facts).toMatchObject({
      keys: 20,
      operations: 4000,
      workers: 2,
      'keys violated': alone.facts['keys violated'],
    });
    expect(verify(together, history)).toBeUndefined();
  }
});

test('an order that the system revealed is followed by workers, key by key', async () => {
  const { history } = registerHistory({
    operations: 2000,
    clients: 6,
    keys: 10,
    cas: true,
    values: 4,
    seed: 5,
  });
  const { proof = [] } = checker.check(history, plenty()) as Verdict;
  const witness = proof.flatMap(({ operations }) => operations);
  const pool = inWorkers(linearizable(casRegister, { witness }), { workers: 2 });
  const verdict = await pool.check(history, plenty());
  expect(verdict).toMatchObject({ valid: true, facts: { explored: 0 } });
  expect(verdict.facts['algorithm']).toContain('the order that the system revealed');
  expect(verify(verdict, history)).toBeUndefined();
});

const readNothing = tabulate<CasRegisterOps>([
  { index: 0, time: 0, process: 0, type: 'invoke', f: 'read' },
  { index: 1, time: 1, process: 0, type: 'ok', f: 'read', value: null },
]).history;

test('a model that only begins differently is found by its name', async () => {
  const verdict = await inWorkers(linearizable(casRegisterFrom('elsewhere'))).check(readNothing, plenty());
  expect(verdict).toMatchObject({ valid: false, facts: { workers: 1 } });
});

test('a model of a name of ours and steps of its own is not mistaken for ours', async () => {
  const impostor: Model<CasRegisterOps, null> = { name: 'cas-register', initial: null, step: () => ILLEGAL };
  const verdict = await inWorkers(linearizable(impostor)).check(readNothing, plenty());
  expect(verdict.valid).toBe(false);
  expect(verdict.facts).not.toHaveProperty('workers');
});

test('a worker that needs more memory than allowed is ended, and its keys are unknown', async () => {
  const { history } = registerHistory({ operations: 3000, clients: 4, keys: 2, seed: 1 });
  const pool = inWorkers(linearizable(hoarder), {
    workers: 2,
    model: { module, export: 'hoarder' },
  });
  const verdict = await pool.check(history as never, { ...plenty(), memoryBytes: 2 ** 27 });
  expect(verdict).toMatchObject({ valid: 'unknown', because: expect.stringContaining('out of memory') });
});

test('a worker that does not look at its clock is ended at the deadline', async () => {
  const { history } = registerHistory({ operations: 100, clients: 4, keys: 2, seed: 1 });
  const pool = inWorkers(linearizable(sleeper), {
    workers: 2,
    model: { module, export: 'sleeper' },
  });
  const verdict = await pool.check(history as never, { ...plenty(), deadline: performance.now() + 300 });
  expect(verdict).toMatchObject({ valid: 'unknown', because: expect.stringContaining('out of time') });
});
