import { linearizable, readJsonl, register, type Mark, type Operations } from 'knossos-js';
import { expect, test } from 'vitest';
import { clientFor, NotApplied } from '../client.ts';
import { EnvironmentError, NodeError, UsageError } from '../errors.ts';
import type { Fault, Strike } from '../fault.ts';
import { drawPlan } from '../plan/draw.ts';
import type { Plan } from '../plan/plan.ts';
import { memoryRecorder, type Recorder } from '../record/recorder.ts';
import type { System } from '../system.ts';
import type { Time } from '../time.ts';
import { drive } from './drive.ts';
import * as faults from './fixture/faults.ts';
import { anyRegisters, registers, registerWorld, type Manners } from './fixture/register-world.ts';
import { virtualTime } from './fixture/virtual-time.ts';
import type { DriveRequest, DriveSummary, Progress } from './request.ts';

const basePlan: Plan = {
  format: 'labrys/plan@1',
  run: 'a-run',
  seed: 1,
  system: 'perfect-register',
  options: {},
  workload: { name: 'register', options: {} },
  runtime: 'sim',
  nodes: ['n1', 'n2', 'n3'],
  clients: 6,
  phases: [
    { name: 'main', perSecond: 100, seconds: 10, weather: 'faulty' },
    { name: 'final', seconds: 5, weather: 'healthy' },
  ],
  quorum: 'mix',
  strikes: [],
  requires: { okOperations: 0, operationsDuringFaults: 0, faultsConfirmed: true },
  deadlineMs: 500,
  check: { seconds: 1, memoryBytes: 1 },
  again: 'again',
  versions: {},
};

const strike = (
  number: number,
  fault: string,
  atMs: number,
  lastingMs: number,
  aim?: Strike['aim'],
): Strike => ({
  number,
  fault,
  variant: fault === 'kill' ? 'one' : fault === 'isolate' ? 'one' : 'once',
  atMs,
  lastingMs,
  ...(aim && { aim }),
});

interface Driven {
  readonly summary: DriveSummary;
  readonly text: string;
  readonly did: readonly string[];
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly history: ReturnType<typeof readJsonl>['history'];
  readonly marks: readonly Mark[];
}

type More = Partial<Omit<DriveRequest, 'plan' | 'recorder'>> & {
  manners?: Manners;
  system?: System;
  recorder?: (recorder: Recorder) => Recorder;
  prepare?: (time: Time) => void;
};

async function driven(
  plan: Partial<Plan> = {},
  { manners, recorder: wrap, prepare, ...more }: More = {},
): Promise<Driven> {
  const time = virtualTime();
  const whole = { ...basePlan, ...plan };
  const world = registerWorld(time, whole.nodes, whole.seed, manners);
  const memory = memoryRecorder(time);
  const log: Readonly<Record<string, unknown>>[] = [];
  prepare?.(time);
  const summary = await time.run(() =>
    drive({
      plan: whole,
      system: world.system,
      settings: { options: {}, bug: undefined, runtime: 'sim' },
      workload: anyRegisters,
      faults: Object.values(faults),
      cluster: world.cluster,
      time,
      recorder: wrap ? wrap(memory) : memory,
      log: (line) => void log.push(line),
      signal: new AbortController().signal,
      ...more,
    }),
  );
  return { summary, did: world.did, log, text: memory.text(), ...readJsonl(memory.text()) };
}

const ms = (ns: number): number => Math.round(ns / 1e6);
const stormy: readonly Strike[] = [
  strike(0, 'kill', 1000, 2000),
  strike(1, 'isolate', 1500, 2500),
  strike(2, 'kill', 5000, 700),
  strike(3, 'isolate', 6000, 1000, { role: 'leader', afterMs: 5 }),
];

test('the same seed leaves the same bytes, and another seed others', async () => {
  for (const seed of [1, 2, 3]) {
    const more = { manners: { lossyPercent: 5 } };
    const first = await driven({ seed, strikes: stormy }, more);
    const second = await driven({ seed, strikes: stormy }, more);
    expect(second.text).toBe(first.text);
    expect(second.did).toEqual(first.did);
    expect(first.history.length).toBeGreaterThan(500);
    expect((await driven({ seed: seed + 10, strikes: stormy }, more)).text).not.toBe(first.text);
  }
});

test('operations arrive at their rate, whatever becomes of them', async () => {
  const { history, summary } = await driven({ strikes: stormy, clients: 30 });
  const { invoked, ok, failed, unknown, shed } = summary.operations;
  expect(invoked + shed).toBeGreaterThan(900);
  expect(invoked + shed).toBeLessThan(1100);
  expect(invoked).toBe(history.length);
  expect(ok + failed + unknown).toBe(invoked);
  expect([0, 1, 2].map((code) => history.outcome.filter((it) => it === code).length)).toEqual([
    ok,
    failed,
    unknown,
  ]);
});

test('without a rate, everyone asks again as soon as there is an answer', async () => {
  const { history, summary } = await driven({
    phases: [{ name: 'main', seconds: 1, weather: 'healthy' }],
  });
  // Six clients, and some 6 ms for an answer.
  expect(history.length).toBeGreaterThan(600);
  expect(history.length).toBeLessThan(1800);
  expect(summary.operations.shed).toBe(0);
});

test('what is answered is ok, what was refused is fail, what is unknown is info, except for reads', async () => {
  const { history } = await driven(
    { strikes: [strike(0, 'kill', 1000, 3000)] },
    { manners: { lossyPercent: 10 } },
  );
  const seen = new Set(
    [...history].map(({ f, outcome, error }) => `${f} ${outcome} ${error?.replace(/n\d/, 'n')}`),
  );
  expect([...seen].toSorted()).toEqual(
    expect.arrayContaining([
      'read fail n refused the connection',
      'read fail no answer in 500 ms',
      'read ok undefined',
      'write fail n refused the connection',
      'write info no answer in 500 ms',
      'write ok undefined',
    ]),
  );
  expect([...seen].filter((it) => it.startsWith('read info'))).toEqual([]);
});

test('an operation has its own deadline, to the millisecond', async () => {
  const { history } = await driven({}, { manners: { lossyPercent: 30 } });
  const late = [...history].filter(({ error }) => error === 'no answer in 500 ms');
  expect(late.length).toBeGreaterThan(50);
  for (const { callTime, returnTime } of late) expect(ms(returnTime - callTime)).toBe(500);
  const answered = [...history].filter(({ outcome }) => outcome === 'ok');
  for (const { callTime, returnTime } of answered) expect(ms(returnTime - callTime)).toBeLessThanOrEqual(10);
});

test('a process whose operation ended in info is retired, and its successor speaks to the same node', async () => {
  const { history } = await driven({}, { manners: { lossyPercent: 20 } });
  const retired = new Set<number>();
  const nodes = new Map<number, string | undefined>();
  for (const { process, outcome, f, node } of history) {
    expect(retired.has(process)).toBe(false);
    if (outcome === 'info') retired.add(process);
    expect(f === 'read' && outcome === 'info').toBe(false);
    expect(nodes.get(process % basePlan.clients) ?? node).toBe(node);
    nodes.set(process % basePlan.clients, node);
  }
  expect(retired.size).toBeGreaterThan(20);
  const heirs = [...retired].filter((process) => process >= basePlan.clients);
  for (const process of heirs) expect(retired).toContain(process - basePlan.clients);
});

test('faults strike when the plan says, last as long as it says, and may overlap', async () => {
  const { marks, summary } = await driven({ strikes: stormy });
  const main = marks.find(({ name, what }) => name === 'phase' && what === 'main') as Mark;
  const begun = marks.filter(({ name }) => name === 'fault');
  const healed = new Map(marks.filter(({ name }) => name === 'heal').map((mark) => [mark.ends, mark]));
  for (const mark of begun) {
    const { atMs, lastingMs, aim } = stormy[mark.details?.['strike'] as number] as Strike;
    const heal = healed.get(mark.index) as Mark;
    const since = mark.details?.['since'] as number;
    expect(aim ? atMs : ms(since - main.time)).toBe(atMs);
    expect(ms((heal.details?.['since'] as number) - mark.time)).toBe(lastingMs);
    expect(mark.nodes).toHaveLength(1);
    expect(mark.details?.['evidence']).toMatchObject({ outcome: 'confirmed' });
  }
  expect(summary.strikes).toMatchObject({ planned: 4, confirmed: begun.length, unconfirmed: 0 });
  expect(begun.length + summary.strikes.skipped + summary.strikes.missed).toBe(4);
  const [first, second] = begun as [Mark, Mark];
  expect(second.time).toBeLessThan((healed.get(first.index) as Mark).time);
});

test('an aimed strike comes just after somebody took the role, and without it when nobody does', async () => {
  const aimed = strike(1, 'isolate', 1000, 2000, { role: 'leader', afterMs: 7 });
  const { marks } = await driven({
    strikes: [{ ...strike(0, 'kill', 2000, 3000), variant: 'first' }, aimed],
  });
  const taken = marks.find(({ name, what }) => name === 'role' && what === 'n2 leads in term 1') as Mark;
  const struck = marks.find(({ details }) => details?.['strike'] === 1) as Mark;
  expect(ms((struck.details?.['since'] as number) - taken.time)).toBe(7);
  const calm = await driven({ strikes: [aimed] });
  expect(calm.summary.strikes).toMatchObject({ missed: 0, confirmed: 1 });
  const main = calm.marks.find(({ what }) => what === 'main') as Mark;
  const waited = calm.marks.find(({ name }) => name === 'fault') as Mark;
  expect(ms((waited.details?.['since'] as number) - main.time)).toBe(1000 + 2000);
});

test('where the runtime tells of roles, they are marked as they are taken', async () => {
  const nobody = (_node: string, _role: string, _term: number | undefined): void => {};
  let tell = nobody;
  const time = virtualTime();
  const world = registerWorld(time, ['n1'], 1);
  const recorder = memoryRecorder(time);
  const cluster = {
    ...world.cluster,
    watchRoles: (told: typeof nobody) => {
      tell = told;
      return () => (tell = nobody);
    },
  };
  time.after(1234, () => tell('n1', 'candidate', 3));
  await time.run(() =>
    drive({
      plan: {
        ...basePlan,
        nodes: ['n1'],
        strikes: [strike(0, 'isolate', 100, 2000, { role: 'candidate', afterMs: 2 })],
      },
      system: world.system,
      settings: { options: {}, bug: undefined, runtime: 'sim' },
      workload: anyRegisters,
      faults: [faults.isolate],
      cluster,
      time,
      recorder,
      log: () => {},
      signal: new AbortController().signal,
    }),
  );
  const { marks } = readJsonl(recorder.text());
  expect(marks.filter(({ name }) => name === 'role').map(({ time: at, what }) => [ms(at), what])).toEqual([
    [1234, 'n1 is candidate in term 3'],
  ]);
  expect(marks.filter(({ name }) => name === 'fault').map(({ time: at }) => ms(at))).toEqual([1236]);
});

test('when the phase ends, whatever is in force is healed, the last first, and only then come the final reads', async () => {
  const { marks, history, did, summary } = await driven({
    quorum: 'always',
    strikes: [
      strike(0, 'kill', 8000, 60_000),
      strike(1, 'isolate', 8500, 60_000),
      strike(2, 'kill', 9000, 60_000),
    ],
  });
  const heals = marks.filter(({ name }) => name === 'heal').map(({ details }) => details?.['strike']);
  expect(heals.toSorted()).toEqual([0, 1, 2]);
  expect(did.filter((line) => /running/.test(line))).toHaveLength(2);
  // The last kill is healed first, then the cut, then the first kill.
  const order = marks
    .filter(({ name }) => name === 'heal')
    .toSorted((a, b) => Number(a.details?.['since']) - Number(b.details?.['since']))
    .map(({ details }) => details?.['strike']);
  expect(order).toEqual([2, 1, 0]);
  const final = marks.find(({ what }) => what === 'final') as Mark;
  expect(Math.max(...marks.filter(({ name }) => name === 'heal').map(({ index }) => index))).toBeLessThan(
    final.index,
  );
  const last = [...history].filter(({ call }) => call > final.index);
  expect(last.map(({ f, key, outcome }) => [f, key, outcome])).toEqual([
    ['read', 'x0', 'ok'],
    ['read', 'x1', 'ok'],
    ['read', 'x2', 'ok'],
  ]);
  expect(summary.failure).toBeUndefined();
  expect(marks.filter(({ name }) => name === 'phase').map(({ what }) => what)).toEqual([
    'main',
    'healing',
    'final',
    'end',
  ]);
});

test('interrupted, it asks nothing more, heals, and returns at once with what it has', async () => {
  const interrupt = new AbortController();
  const { summary, did, history, marks } = await driven(
    { strikes: [strike(0, 'isolate', 1000, 60_000), strike(1, 'kill', 2000, 60_000)] },
    {
      manners: { lossyPercent: 30 },
      signal: interrupt.signal,
      prepare: (time) => void time.after(3000, () => interrupt.abort(new Error('Ctrl-C'))),
    },
  );
  expect(summary).toMatchObject({ interrupted: true, strikes: { confirmed: 2 } });
  expect(summary.seconds).toBeLessThan(4);
  expect(did.at(-1)).toMatch(/cuts none/);
  expect(did.filter((line) => /dead|running/.test(line))).toHaveLength(2);
  for (const { callTime, returnTime } of history) {
    expect(ms(callTime)).toBeLessThanOrEqual(3000);
    expect(ms(returnTime)).toBeLessThanOrEqual(3000);
  }
  expect([...history].some(({ error }) => error === 'the run was interrupted')).toBe(true);
  expect(marks.filter(({ what }) => what === 'final')).toEqual([]);
  const early = new AbortController();
  early.abort(new Error('Ctrl-C'));
  expect((await driven({}, { signal: early.signal })).summary).toMatchObject({
    interrupted: true,
    operations: { invoked: 0 },
  });
});

test('a fault is told whether a majority has to stay, and who does not count towards one', async () => {
  const told = async (quorum: Plan['quorum'], number = 2) => {
    const seen: object[] = [];
    const look: Fault = {
      ...faults.sticky,
      name: 'look',
      inject: async ({ quorum: resolved, impaired, losses }) => {
        const lost = new Set(losses.flatMap(({ nodes = [] }) => nodes));
        seen.push({ quorum: resolved, impaired: [...impaired], lost: [...lost] });
        return { what: '', nodes: [], evidence: { outcome: 'confirmed', how: '' }, heal: async () => {} };
      },
    };
    const strikes = [
      strike(0, 'isolate', 1000, 2000),
      strike(1, 'kill', 1500, 2000),
      strike(number, 'look', 2000, 10),
    ];
    const { marks } = await driven({ quorum, strikes }, { faults: [...Object.values(faults), look] });
    const hit = (fault: string): readonly string[] =>
      marks.find(({ name, details }) => name === 'fault' && details?.['fault'] === fault)?.nodes ?? [];
    return { seen: seen[0], cutOff: hit('isolate'), killed: hit('kill') };
  };
  for (const quorum of ['never', 'always'] as const) {
    const { seen, cutOff, killed } = await told(quorum);
    expect(seen).toEqual({ quorum, impaired: killed, lost: [...new Set([...cutOff, ...killed])] });
  }
  const mixed = await Promise.all(Array.from({ length: 20 }, (_, i) => told('mix', 2 + i)));
  expect(new Set(mixed.map(({ seen }) => (seen as { quorum: string }).quorum))).toEqual(
    new Set(['never', 'always']),
  );
});

test('where a majority has to stay, a fault that takes too much with those in force is healed at once', async () => {
  const { marks, did, summary } = await driven({
    quorum: 'never',
    strikes: [
      strike(0, 'isolate', 1000, 5000),
      { ...strike(1, 'kill', 2000, 2000), variant: 'first' },
      { ...strike(2, 'kill', 7000, 1000), variant: 'first' },
    ],
  });
  const cutOff = marks.find(({ name }) => name === 'fault')?.nodes;
  expect(cutOff).not.toEqual(['n1']);
  expect(summary.strikes).toMatchObject({ confirmed: 2, skipped: 1 });
  expect(marks.find(({ name }) => name === 'skipped')?.what).toBe(
    'kill first: a majority has to stay up, and n1 would have left none',
  );
  const [dead, back, again] = did.filter((line) => line.endsWith('n1') && !line.includes('cuts'));
  expect([dead, back, again]).toEqual([
    expect.stringMatching(/^20\d\d dead n1$/),
    expect.stringMatching(/^20\d\d running n1$/),
    expect.stringMatching(/^70\d\d dead n1$/),
  ]);
});

test('a fault that cannot be injected or healed at once is said, and does not stop the run', async () => {
  const { summary, marks, log } = await driven({
    strikes: [
      strike(0, 'broken', 1000, 100),
      strike(1, 'sticky', 2000, 100),
      strike(2, 'unheard-of', 3000, 100),
    ],
  });
  expect(summary.strikes).toEqual({ planned: 3, confirmed: 0, unconfirmed: 3, skipped: 0, missed: 0 });
  expect(marks.filter(({ name }) => name === 'failed').map(({ what }) => what)).toEqual([
    'broken once: no such tool',
    'unheard-of once: there is no fault called unheard-of',
  ]);
  expect(marks.filter(({ name }) => name === 'heal')).toHaveLength(1);
  expect(log.filter(({ message }) => message === 'could not be healed')).toHaveLength(1);
  expect(summary.failure).toBeUndefined();
});

test('the journal is told of a fault before it strikes, and of its heal after', async () => {
  const told: string[] = [];
  const { did } = await driven(
    { strikes: [strike(0, 'kill', 1000, 500)] },
    {
      journal: {
        begun: ({ strike: number, fault }) => void told.push(`begun ${number} ${fault}`),
        applied: (number, what) => void told.push(`applied ${number} ${what}`),
        healed: (number) => void told.push(`healed ${number}`),
      },
    },
  );
  expect(told).toEqual(['begun 0 kill', `applied 0 ${did[0]?.slice(-2)}`, 'healed 0']);
});

test('a node that dies of itself is said, and started again in the end', async () => {
  let world: DriveRequest['cluster'] | undefined;
  const time = virtualTime();
  const made = registerWorld(time, basePlan.nodes, 1);
  world = made.cluster;
  time.after(4000, () => void world.nodes[1]?.kill());
  const recorder = memoryRecorder(time);
  const summary = await time.run(() =>
    drive({
      plan: { ...basePlan, strikes: [strike(0, 'isolate', 1000, 500)] },
      system: made.system,
      settings: { options: {}, bug: undefined, runtime: 'sim' },
      workload: anyRegisters,
      faults: [faults.isolate],
      cluster: made.cluster,
      time,
      recorder,
      log: () => {},
      signal: new AbortController().signal,
    }),
  );
  expect(summary.crashes).toMatchObject([{ node: 'n2', lastLines: ['n2 says goodbye'] }]);
  expect(readJsonl(recorder.text()).marks.filter(({ name }) => name === 'crash')).toMatchObject([
    { nodes: ['n2'] },
  ]);
  expect(made.did.at(-1)).toMatch(/running n2/);
  expect(summary.failure).toBeUndefined();
});

test('a node that is never ready, and a workload without a client, are refused before anything is asked', async () => {
  await expect(driven({}, { manners: { neverReady: 'n2' } })).rejects.toThrow(NodeError);
  await expect(driven({}, { manners: { neverReady: 'n2' } })).rejects.toThrow(
    'n2: never became ready in 5 s: not today',
  );
  await expect(driven({}, { workload: { ...anyRegisters, name: 'queue' } })).rejects.toThrow(UsageError);
});

test('when the history cannot be written any more, everything is healed and the run ends with that', async () => {
  const full = new EnvironmentError('the disk is full');
  const { summary, did } = await driven(
    { strikes: [strike(0, 'isolate', 1000, 60_000)] },
    {
      recorder: (recorder) => {
        let left = 400;
        const limited =
          <Args extends unknown[]>(record: (...args: Args) => number) =>
          (...args: Args): number => {
            if (left-- <= 0) throw full;
            return record(...args);
          };
        return {
          ...recorder,
          invoke: limited(recorder.invoke),
          end: limited(recorder.end),
          mark: limited(recorder.mark),
        };
      },
    },
  );
  expect(summary.failure).toBe(full);
  expect(summary.seconds).toBeLessThan(5);
  expect(did.at(-1)).toMatch(/cuts none/);
});

/** A register of one node whose client does as it is told. */
function oddly(
  open: Parameters<
    typeof clientFor<{ read: { in: void; out: number | null }; write: { in: number; out: void } }, object>
  >[1],
): System {
  const world = registerWorld(virtualTime(), ['n1'], 1);
  return { ...world.system, ready: async () => {}, clients: [clientFor(registers, open)] };
}

test('opening a client may fail or take for ever, and keeps nobody else waiting', async () => {
  let opened = 0;
  const { history } = await driven(
    { clients: 4 },
    {
      system: oddly(({ process }) => {
        opened++;
        if (process === 0) throw new Error('no');
        if (process === 1) return new Promise(() => {});
        return { read: async () => 1, write: async () => {} };
      }),
    },
  );
  expect(opened).toBeGreaterThan(10);
  expect(history.length).toBeGreaterThan(500);
  expect(new Set([...history].map(({ process }) => process))).toEqual(new Set([2, 3]));
});

test('what a client throws at once, returns unfit for JSON, or lacks is dealt with', async () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const { history } = await driven(
    { clients: 1 },
    {
      system: oddly(() => ({
        read: () => {
          throw new NotApplied('at once');
        },
        write: async () => circular as unknown as void,
      })),
    },
  );
  expect(new Set([...history].map(({ f, outcome }) => `${f} ${outcome}`))).toEqual(
    new Set(['read fail', 'write info']),
  );
  const { summary } = await driven({}, { system: oddly(() => ({}) as never) });
  expect(summary.failure?.message).toMatch(/the client for register has no operation "(read|write)"/);
  expect(summary.failure).toMatchObject({ hint: expect.stringMatching(/opens a method of that name/) });

  // Where the workload can be asked without it, that is what to do.
  const workload = { ...anyRegisters, defaults: { read: 1, write: 1 } };
  const { summary: told } = await driven({}, { system: oddly(() => ({}) as never), workload });
  expect(told.failure).toMatchObject({ hint: expect.stringMatching(/--with (read|write)=0/) });
});

test('a generator may let a process wait, be told what happens, and be done', async () => {
  const seen: string[] = [];
  let asked = 0;
  const workload: typeof anyRegisters = {
    ...anyRegisters,
    main: () => ({
      // One write, and only when it is known to have happened, one read by each.
      next: () => {
        if (asked === 0) return (asked++, { f: 'write', key: 'x', value: 7 });
        if (!seen.includes('ok write')) return 'wait';
        return asked++ > 6 ? 'done' : { f: 'read', key: 'x', value: undefined };
      },
      observe: ({ type, f }) => void seen.push(`${type} ${String(f)}`),
    }),
  };
  const { history } = await driven({ phases: [{ name: 'main', weather: 'healthy' }] }, { workload });
  expect([...history].map(({ f, output }) => [f, output])).toEqual([
    ['write', undefined],
    ...Array.from({ length: 6 }, () => ['read', 7]),
  ]);
  expect(seen.slice(0, 3)).toEqual(['invoke write', 'ok write', 'invoke read']);
});

test('whoever watches is told four times a second', async () => {
  const told: Progress[] = [];
  await driven(
    { strikes: [strike(0, 'isolate', 1000, 1000)] },
    { onProgress: (progress) => void told.push(progress) },
  );
  expect(told.length).toBeGreaterThan(40);
  expect(told.find(({ seconds }) => seconds > 1.5 && seconds < 1.9)?.faults).toEqual([
    expect.stringMatching(/^isolate n\d$/),
  ]);
  expect(new Set(told.map(({ stage }) => stage))).toEqual(new Set(['main', 'healing']));
  expect(told.every(({ invoked, ok }, i) => invoked >= ok && invoked >= (told[i - 1]?.invoked ?? 0))).toBe(
    true,
  );
});

test('a perfect system is never accused, and stands when all is over, whatever plan is drawn', async () => {
  const possible = [faults.kill, faults.isolate, faults.sticky];
  for (let seed = 1; seed <= 12; seed++) {
    const plan = drawPlan({
      now: new Date(0),
      seed,
      system: { asked: 'perfect-register', name: 'perfect-register', size: 3 + (seed % 3) },
      options: {},
      workload: { name: 'register', options: {}, final: true },
      runtime: 'sim',
      faults: possible,
      roles: ['leader'],
      rate: 40 * seed,
      ms: 15_000,
      deadlineMs: 1000,
      versions: {},
    });
    const { history, summary, did, marks } = await driven(plan, { manners: { lossyPercent: seed % 4 } });
    const now = (): number => performance.now();
    const verdict = await linearizable<Operations, unknown, Operations>(register as never).check(history, {
      deadline: now() + 10_000,
      now,
      memoryBytes: 2 ** 28,
    });
    expect([seed, verdict.valid, verdict.anomalies]).toEqual([seed, true, []]);
    expect(summary.failure).toBeUndefined();
    const { planned, confirmed, unconfirmed, skipped, missed } = summary.strikes;
    expect(confirmed + unconfirmed + skipped + missed).toBe(planned);
    const ended = new Set(marks.map(({ ends }) => ends));
    expect(marks.filter(({ name, index }) => name === 'fault' && !ended.has(index))).toEqual([]);
    expect(did.findLast((line) => line.includes('cuts'))).toMatch(/cuts none$/);
    for (const node of plan.nodes)
      expect(did.findLast((line) => line.endsWith(node) && !line.includes('cuts')) ?? 'running').toMatch(
        /running/,
      );
  }
});

test('of hushed nodes nothing is asked until they may be asked again, and what a scenario does is in the history', async () => {
  let [from, to, acknowledged] = [0, 0, 0];
  const quiet: Fault = {
    name: 'quiet',
    about: 'asks one node nothing for a while',
    needs: [],
    variants: ['first'],
    inject: async ({ hush, note, time, acknowledged: sofar }) => {
      const before = sofar();
      const speak = hush(['n1']);
      note('hush n1', ['n1']);
      from = time.now();
      await time.sleep(2000);
      to = time.now();
      speak();
      acknowledged = sofar() - before;
      return {
        what: 'n1',
        nodes: ['n1'],
        evidence: { outcome: 'confirmed', how: 'it was quiet' },
        over: true,
        heal: async () => {},
      };
    },
  };
  for (const perSecond of [100, undefined]) {
    const { history, marks } = await driven(
      {
        phases: [{ name: 'main', ...(perSecond && { perSecond }), seconds: 5, weather: 'faulty' }],
        strikes: [strike(0, 'quiet', 1000, 60_000)],
      },
      { faults: [quiet] },
    );
    const asked = [...history].filter(({ callTime }) => callTime >= from && callTime < to);
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter(({ node }) => node === 'n1')).toEqual([]);
    expect([...history].some(({ node, callTime }) => node === 'n1' && callTime >= to)).toBe(true);
    const written = asked.filter(
      ({ f, outcome, returnTime }) => f === 'write' && outcome === 'ok' && returnTime < to,
    );
    expect(acknowledged).toBeGreaterThanOrEqual(written.length);
    expect(written.length).toBeGreaterThan(10);
    const [step, fault, heal] = ['step', 'fault', 'heal'].map((name) =>
      marks.find((mark) => mark.name === name),
    );
    expect(step).toMatchObject({ what: 'hush n1', nodes: ['n1'], details: { fault: 'quiet', strike: 0 } });
    // It was over when it had been injected, however long a fault of its kind would have lasted.
    expect(ms((heal?.time ?? 0) - (fault?.time ?? 0))).toBeLessThan(100);
  }
});

test('the clients of nodes that are out ask others meanwhile, and come back', async () => {
  let [from, to] = [0, 0];
  const out: Fault = {
    name: 'out',
    about: 'has the clients of one node ask others for a while',
    needs: [],
    variants: ['first'],
    inject: async ({ divert, time }) => {
      const comeBack = divert(['n1']);
      // Whoever is waiting for an answer goes when it has it.
      await time.sleep(500);
      from = time.now();
      await time.sleep(2000);
      to = time.now();
      comeBack();
      return {
        what: 'n1',
        nodes: ['n1'],
        evidence: { outcome: 'confirmed', how: 'nobody was there' },
        over: true,
        heal: async () => {},
      };
    },
  };
  for (const perSecond of [100, undefined]) {
    const { history } = await driven(
      {
        phases: [{ name: 'main', ...(perSecond && { perSecond }), seconds: 5, weather: 'faulty' }],
        strikes: [strike(0, 'out', 1000, 60_000)],
      },
      { faults: [out] },
    );
    const at = (name: string, since: number, until: number): Set<number> =>
      new Set(
        [...history]
          .filter(({ node, callTime }) => node === name && callTime >= since && callTime < until)
          .map(({ process }) => process),
      );
    const before = at('n1', 0, 1e9);
    expect(before.size).toBeGreaterThan(0);
    expect(at('n1', from, to)).toEqual(new Set());
    expect(before.isSubsetOf(at('n2', from, to))).toBe(true);
    expect(at('n1', to, Infinity)).toEqual(before);
  }
});

test('a scenario that is over holds none of its nodes, though it has still to be looked after', async () => {
  const impaired: string[][] = [];
  const story: Fault = {
    name: 'story',
    about: 'kills a node and starts it again',
    needs: ['kill', 'pause', 'cut'],
    variants: ['told'],
    inject: async (field) => {
      impaired.push([...field.impaired]);
      await field.time.sleep(1000);
      return {
        what: 'n1 n2',
        nodes: ['n1', 'n2'],
        evidence: { outcome: 'confirmed', how: 'it was told' },
        over: true,
        heal: () => field.time.sleep(200),
      };
    },
  };
  // The second is due while the first goes on, and comes right after it.
  const { summary } = await driven(
    { strikes: [strike(0, 'story', 1000, 1000), strike(1, 'story', 1500, 1000)] },
    { faults: [story] },
  );
  expect(summary.strikes.confirmed).toBe(2);
  expect(impaired).toEqual([[], []]);
});
