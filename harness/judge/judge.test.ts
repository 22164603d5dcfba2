import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  casRegister,
  linearizable,
  tabulate,
  type CasRegisterOps,
  type HistoryEvent,
  type Key,
} from 'knossos-js';
import { expect, onTestFinished, test } from 'vitest';
import { simulate } from '../../workloads/conformance/simulate.ts';
import register, { type RegisterOps } from '../../workloads/register.ts';
import { seeded } from '../random.ts';
import type { Plan } from '../plan/plan.ts';
import type { DrawnOperation } from '../record/result.ts';
import { judge, type JudgeOptions } from './judge.ts';
import misbehaving from './fixtures/misbehaving.ts';
import { plan, runFolder, withFault, type Loose } from './fixtures/run.ts';
import { readHistory } from './read-history.ts';

const root = join(import.meta.dirname, '../..');

/** Options come from a plan, which is JSON; what a workload makes of them, it knows itself. */
const any = (workload: unknown): JudgeOptions['workload'] => workload as JudgeOptions['workload'];
const ours = { workload: any(register), file: join(root, 'workloads/register.ts') };
const confirmed = { outcome: 'confirmed', how: '4 cut links probed blocked, 2 others probed open' };
const strikes: Plan['strikes'] = [{ number: 0, fault: 'partition', variant: 'one', atMs: 10, lastingMs: 50 }];

/** A history of correct registers; or, with `stale`, of ones that answer every fiftieth read with what was before. */
function load(stale = false): Loose[] {
  const values = new Map<Key | undefined, unknown[]>();
  let reads = 0;
  const events = simulate<RegisterOps>(
    register.main(register.defaults, seeded(7)),
    (key, f, input) => {
      const were = values.get(key) ?? [null];
      const now = were.at(-1);
      if (f === 'read') return stale && ++reads % 50 === 0 && were.length > 2 ? were.at(-3) : now;
      if (f === 'cas' && (input as unknown[])[0] !== now) return false;
      values.set(key, [...were, f === 'cas' ? (input as unknown[])[1] : input]);
      return f === 'cas' ? true : undefined;
    },
    { seed: 7, operations: 1500, clients: 8, lost: 0.03, reads: register.reads },
  );
  return events;
}

/** What was drawn, as a history of its own. */
function eventsOf(operations: readonly DrawnOperation[]): HistoryEvent[] {
  const about = ({ process, f, key }: DrawnOperation) => ({ process, f, ...(key !== undefined && { key }) });
  return operations
    .flatMap((one): Omit<HistoryEvent, 'index'>[] => [
      { time: one.call, ...about(one), type: 'invoke', value: one.input },
      { time: one.return ?? Infinity, ...about(one), type: one.outcome, value: one.output },
    ])
    .toSorted((a, b) => a.time - b.time)
    .map((event, index) => ({ ...event, index }));
}

async function judged(
  events: readonly Loose[] | undefined,
  { how, tail, ...some }: Partial<Plan> & { how?: Partial<JudgeOptions>; tail?: string } = {},
) {
  const folder = await runFolder(events, some, tail);
  onTestFinished(() => rm(folder, { recursive: true }));
  const result = await judge(folder, { ...ours, ...how });
  expect(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(result)),
  );
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  return result;
}

const misbehaved = (checkers: readonly string[], check: Partial<Plan['check']> = {}) =>
  judged(load(), {
    workload: { name: 'misbehaving', options: { checkers } },
    check: { ...plan.check, ...check },
    how: { workload: any(misbehaving), file: join(import.meta.dirname, 'fixtures/misbehaving.ts') },
  });

test('a run that kept its promises under a confirmed fault passes, and the sentence does not claim more', async () => {
  const result = await judged(withFault(load(), { from: 20e6, to: 60e6, evidence: confirmed }), { strikes });
  expect(result.verdict).toBe('pass');
  expect(result.sentence).toMatch(
    /^All 1,500 operations on \d+ keys fit one order that respects real time, through 1 confirmed fault\. This run found no violation\. It does not prove that none exists\.$/,
  );
  expect(result.evidence.every(({ enough }) => enough)).toBe(true);
  expect(result.evidence).toContainEqual({
    what: 'faults confirmed by a probe',
    required: 'all',
    seen: '1 of 1',
    enough: true,
  });
  expect(result.metrics).toMatchObject({ operations: 1500, faults: 1, faultsConfirmed: 1 });
  expect(result.metrics.ok + result.metrics.failed + result.metrics.unknown).toBe(1500);
  expect(result.metrics.overlappedFaults).toBeGreaterThan(10);
});

test('a stale read is a violation, with its operations in full and the fault that was in force', async () => {
  const result = await judged(
    withFault(load(true), {
      from: 0,
      to: 1e12,
      evidence: { outcome: 'indeterminate', because: 'nobody looked' },
    }),
    { strikes },
  );
  expect(result.verdict).toBe('violation');
  expect(result.counterexample?.faults).toEqual([
    { name: 'partition', what: 'n1 | n2 n3', nodes: ['n1'], from: 0, to: 1000 },
  ]);
  const shown = result.counterexample?.operations ?? [];
  const alone = tabulate(eventsOf(shown) as Iterable<HistoryEvent<CasRegisterOps>>).history;
  const context = { now: () => performance.now(), deadline: performance.now() + 1000, memoryBytes: 2 ** 28 };
  expect(shown.length).toBeGreaterThan(1);
  expect(linearizable(casRegister).check(alone, context)).toMatchObject({
    valid: false,
  });
  expect(result.sentence).toMatch(/^Client \d+ .* at 0\.\d{3} s .*, although .* earlier\.$/);
});

test('a fault that no probe saw leaves a pass undecided, and the sentence says why', async () => {
  const evidence = { outcome: 'indeterminate', because: 'n1→n3 still let everything through' };
  const result = await judged(withFault(load(), { from: 20e6, to: 60e6, evidence }), { strikes });
  expect(result).toMatchObject({
    verdict: 'undecided',
    because: 'not enough evidence',
    sentence:
      'No violation was found, and that means little: no probe saw the partition at 0.020 s take effect: n1→n3 still let everything through.',
  });
});

test('faults that found nothing to do are no evidence', async () => {
  const evidence = { outcome: 'skipped', because: 'no node that is well says that it leads' };
  const result = await judged(withFault(load(), { from: 20e6, to: 60e6, evidence }), { strikes });
  expect(result.verdict).toBe('undecided');
  expect(result.metrics).toMatchObject({ faults: 0, overlappedFaults: 0 });
});

test('too few operations decide nothing', async () => {
  const requires = { ...plan.requires, okOperations: 10_000 };
  const result = await judged(load(), { requires });
  expect(result.verdict).toBe('undecided');
  expect(result.sentence).toMatch(
    /^No violation was found, and that means little: 1,\d\d\d operations succeeded, and a pass needs 10,000\.$/,
  );
});

test('what never happened is said', async () => {
  const writes = load().filter((event) => 'f' in event && event.f === 'write');
  const result = await judged(writes, { requires: { ...plan.requires, okOperations: 1 } });
  expect(result.sentence).toBe(
    'No violation was found, and that means little: it never happened that a read overlapped a write.',
  );
});

test('a history of nothing is undecided', async () => {
  const result = await judged([]);
  expect(result).toMatchObject({
    verdict: 'undecided',
    sentence: 'Nothing was tested: the history holds no operation.',
    checks: [],
  });
});

test('a run that never asked anything could not run, and says why', async () => {
  const message =
    'n3: never became ready: it exited with code 1 after 0.4 s ("bind: address already in use")';
  const result = await judged(undefined, { how: { cutShort: { why: 'failed', message } } });
  expect(result).toMatchObject({ verdict: 'could-not-run', sentence: `${message}.`, checks: [] });
  expect(result.evidence.map(({ what }) => what)).toEqual(['the run went to its end']);
});

test('a run that failed half-way could not run, unless what it recorded is a violation', async () => {
  const mark = { type: 'mark', time: 1e12, name: 'failed', what: 'n2: the disk is full' } as const;
  expect(await judged([...load(), mark])).toMatchObject({
    verdict: 'could-not-run',
    sentence: 'n2: the disk is full.',
  });
  expect(await judged([...load(true), mark])).toMatchObject({ verdict: 'violation' });
});

test.each([
  [['main'], 'it ended in its main phase'],
  [['healing', 'end'], 'it ended before its main phase'],
])('a run whose phases are %j was cut short', async (phases, why) => {
  const marks = phases.map((what) => ({ type: 'mark', time: 1e12, name: 'phase', what }) as const);
  const result = await judged([...load(), ...marks]);
  expect(result.sentence).toBe(
    `No violation was found, and that means little: the run was cut short: ${why}.`,
  );
});

test('a node that died of itself is told with a pass', async () => {
  const crash = {
    type: 'mark',
    time: 1e12,
    name: 'crash',
    what: 'n2 died, and no fault had killed it',
  } as const;
  const result = await judged([...load(), crash]);
  expect(result.verdict).toBe('pass');
  expect(result.sentence).toContain(' n2 died, and no fault had killed it (1000.000 s). This run found');
});

test('a run that was interrupted passes nothing', async () => {
  const cutShort = { why: 'interrupted', message: 'Ctrl-C after 12 s' } as const;
  expect(await judged(load(), { how: { cutShort } })).toMatchObject({
    verdict: 'undecided',
    sentence: 'No violation was found, and that means little: the run was cut short: Ctrl-C after 12 s.',
  });
});

test('a last line that was torn is skipped, and said', async () => {
  const result = await judged(load(), { tail: '{"index":100000,"ti' });
  expect(result.verdict).toBe('undecided');
  expect(result.evidence.find(({ what }) => what === 'the run went to its end')?.seen).toMatch(
    /^no: its history stops in the middle of line \d,\d\d\d$/,
  );
  expect(result.metrics.operations).toBe(1500);
});

test('a history that is none is refused, with the line', async () => {
  await expect(judged(load(), { tail: 'no JSON\n' })).rejects.toThrow(/history\.jsonl:3001:8: expected JSON/);
});

test('a folder without a plan is refused', async () => {
  await expect(judge(root, ours)).rejects.toThrow('is not the folder of a run');
});

test.each([
  ['throws', 'no idea what this is'],
  ['exits', 'it died with exit code 3'],
  ['unknown', 'out of time on key x3'],
])('a checker that %s leaves its promise undecided', async (name, because) => {
  const result = await misbehaved(['fine', name]);
  expect(result.checks.map(({ valid }) => valid)).toEqual([true, 'unknown']);
  expect(result).toMatchObject({
    verdict: 'undecided',
    because,
    sentence: `Whether it is ${name} stays open: ${because}.`,
  });
});

test('a checker that does not stop is stopped, and this thread stays free meanwhile', async () => {
  let beats = 0;
  const beat = setInterval(() => beats++, 10);
  const result = await misbehaved(['spins'], { seconds: 0.5 });
  clearInterval(beat);
  expect(result).toMatchObject({ verdict: 'undecided', because: 'it did not stop at its deadline' });
  expect(beats).toBeGreaterThan(5);
});

test.each(['hoards', 'hoards buffers'])(
  'a checker that %s is stopped before it takes the machine',
  async (name) => {
    const result = await misbehaved([name], { memoryBytes: 2 ** 26 });
    expect(result).toMatchObject({ verdict: 'undecided', because: 'it needed more than 576 MiB' });
  },
);

test('a workload of a user’s own may be anywhere, and imports this installation', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'labrys-own-'));
  onTestFinished(() => rm(elsewhere, { recursive: true }));
  const file = join(elsewhere, 'own.mjs');
  await writeFile(
    file,
    `import { casRegister, linearizable } from 'knossos-js';
     import { UsageError } from 'labrys';
     export default { checkers: () => [{ ...linearizable(casRegister), name: UsageError.name }] };`,
  );
  const result = await judged(load(), { how: { workload: any(register), file } });
  expect(result.checks).toMatchObject([{ checker: 'linearizable', valid: true }]);
});

test('a violation wins over whatever else went wrong', async () => {
  const result = await misbehaved(['throws', 'false', 'exits']);
  expect(result.verdict).toBe('violation');
});

test('columns beside the history change no verdict, and are not believed once the history has changed', async () => {
  const [folder, other] = await Promise.all([runFolder(load(true)), runFolder(load())]);
  onTestFinished(() => rm(folder, { recursive: true }));
  onTestFinished(() => rm(other, { recursive: true }));
  const found = async () => {
    const { verdict, sentence, evidence, counterexample, metrics } = await judge(folder, ours);
    return { verdict, sentence, evidence, counterexample, metrics: { ...metrics, checkMs: 0 } };
  };
  const without = await found();
  readHistory(folder, { keep: true, least: 0 });
  expect(await readdir(folder)).toContain('history.columns');
  expect(await found()).toEqual(without);
  expect(without.verdict).toBe('violation');
  await copyFile(join(other, 'history.jsonl'), join(folder, 'history.jsonl'));
  const changed = await found();
  expect(changed.verdict).not.toBe('violation');
  await rm(join(folder, 'history.columns'));
  expect(await found()).toEqual(changed);
});
