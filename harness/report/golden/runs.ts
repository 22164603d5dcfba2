import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkListAppend,
  staleness as judgeStaleness,
  tabulate,
  transactionsOf,
  type Anomaly,
  type HistoryEvent,
  type Mark,
  type MicroOperation,
  type Operation,
  type Verdict,
} from 'knossos-js';
import type { Plan } from '../../plan/plan.ts';
import type { DrawnFault, DrawnOperation, EvidenceLine, Metrics, Result } from '../../record/result.ts';
import { makeLoad, type Done, type MadeLoad, type PlannedFault } from './load.ts';

/** Runs that never were, one for each way a run can come out. What they hold is fixed, so tests may know it. */
export interface GoldenRun {
  readonly plan: Plan;
  readonly result: Result;
  readonly events: readonly (HistoryEvent | Mark)[];
}

/** Lays a run's folder out in a temporary directory, as the harness would have; it is gone when it is let go. */
export async function writeGolden(golden: GoldenRun): Promise<TemporaryRun> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'labrys-golden-'));
  const write = (file: string, content: string) => writeFile(join(folder.path, file), content);
  await write('plan.json', JSON.stringify(golden.plan));
  await write('result.json', JSON.stringify(golden.result));
  await write('history.jsonl', golden.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return folder;
}

export interface TemporaryRun extends AsyncDisposable {
  readonly path: string;
}

const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];

const faults: readonly PlannedFault[] = [
  {
    name: 'partition',
    what: 'n1 | n2 n3 n4 n5',
    nodes: ['n1'],
    from: 10.2,
    to: 16.004,
    elects: { node: 'n3', term: 4, deposes: { node: 'n1', at: 12.9 } },
  },
  {
    name: 'pause',
    what: 'n3',
    nodes: ['n3'],
    from: 22.01,
    to: 25.5,
    elects: { node: 'n2', term: 5, deposes: { node: 'n3', at: 25.6 } },
  },
  {
    name: 'kill',
    what: 'n2',
    nodes: ['n2'],
    from: 33.02,
    to: 37.4,
    elects: { node: 'n5', term: 6, deposes: { node: 'n2', at: 33.1 } },
  },
];

const drawn = ({ name, what, nodes: on, from, to }: PlannedFault): DrawnFault => ({
  name: 'fault',
  what: `${name} ${what}`,
  nodes: on,
  from,
  to,
});

const again = 'npx labrys test toykv -w register --nemesis partition,pause,kill --seed 4711 --time 50s';
const run = '2026-11-21T02-14-07-toykv-register-4711';

const plan: Plan = {
  format: 'labrys/plan@1',
  run,
  seed: 4711,
  system: 'toykv',
  options: { reads: 'lease' },
  workload: { name: 'register', options: { keys: 256, mix: 'read:50,write:33,cas:17' } },
  runtime: 'docker',
  nodes,
  clients: 48,
  phases: [{ name: 'main', perSecond: 600, seconds: 50, weather: 'faulty' }],
  quorum: 'never',
  strikes: faults.map(({ name, from, to }, number) => ({
    number,
    fault: name,
    variant: 'one',
    atMs: from * 1000,
    lastingMs: (to - from) * 1000,
  })),
  requires: { okOperations: 10_000, operationsDuringFaults: 1_000, faultsConfirmed: true },
  deadlineMs: 500,
  check: { seconds: 60, memoryBytes: 2 ** 30 },
  again,
  versions: { labrys: '0.1.0', node: '24.21.0', kernel: '6.18.0', commit: '8c41e07' },
};

/** Stale reads: an old write, a newer one that completed, and the read that missed it. */
const planted: readonly Done[] = [
  ...stale('x246', [33, 24, 5], [9.383, 12.138, 12.343]),
  ...stale('x249', [14, 26, 15], [11.02, 13.3, 13.402]),
];

function stale(key: string, processes: readonly number[], calls: readonly number[]): Done[] {
  const shapes = [
    { f: 'write', input: 14, took: 0.012 },
    { f: 'write', input: 15, took: 0.009 },
    { f: 'read', output: 14, took: 0.002 },
  ] as const;
  return shapes.map(({ took, ...shape }, i): Done => {
    const process = processes[i] as number;
    const call = calls[i] as number;
    return { process, node: `n${(process % 5) + 1}`, key, call, end: call + took, type: 'ok', ...shape };
  });
}

let made: MadeLoad | undefined;

/** Made once: it is the same for every run below that has a load. */
function load(): MadeLoad {
  return (made ??= makeLoad(
    { seed: 4711, nodes: 5, clients: 48, keys: 240, seconds: 50, perSecond: 600, faults },
    planted,
  ));
}

/** The planted operations of a key, as a counterexample holds them. */
function drawnOf(key: string): DrawnOperation[] {
  const { history } = tabulate(load().events);
  return [...history].filter((operation) => operation.key === key).map(drawnOperation);
}

function drawnOperation(operation: Operation): DrawnOperation {
  const { id, process, node, f, key, input, output, outcome, callTime, returnTime } = operation;
  return {
    id,
    process,
    ...(node !== undefined && { node }),
    f,
    ...(key !== undefined && { key }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    outcome,
    call: callTime / 1e9,
    return: returnTime / 1e9,
  };
}

function metrics(events: readonly (HistoryEvent | Mark)[]): Metrics {
  const ended = (type: string) => events.filter((event) => event.type === type).length;
  const operations = ended('invoke');
  return {
    operations,
    ok: ended('ok'),
    failed: ended('fail'),
    unknown: ended('info'),
    overlappedFaults: Math.round(operations * 0.27),
    faults: faults.length,
    faultsConfirmed: faults.length,
    seconds: 51.4,
    operationsPerSecond: Math.round(operations / 50),
    latencyMs: { p50: 5.1, p99: 500.2, max: 500.9 },
    checkMs: 412,
  };
}

function evidence(of: Metrics): EvidenceLine[] {
  return [
    {
      what: 'operations that succeeded',
      required: '≥ 10,000',
      seen: of.ok.toLocaleString('en-US'),
      enough: true,
    },
    {
      what: 'operations overlapping a fault',
      required: '≥ 1,000',
      seen: of.overlappedFaults.toLocaleString('en-US'),
      enough: true,
    },
    { what: 'faults confirmed by a probe', required: 'all', seen: '3 of 3', enough: true },
    { what: 'a read overlapped a write', required: 'at least once', seen: 'yes', enough: true },
  ];
}

const sessions = ['monotonic reads', 'monotonic writes', 'read your writes', 'writes follow reads'];

function checks(of: Metrics, linearizable: Verdict): Verdict[] {
  const good = (checker: string, ms: number): Verdict => ({
    checker,
    valid: true,
    anomalies: [],
    facts: { operations: of.operations, ms },
  });
  return [
    linearizable,
    good('sequential', 770),
    good('causal', 330),
    {
      checker: 'session guarantees',
      valid: true,
      anomalies: [],
      facts: { sessions: 48, ms: 90 },
      parts: sessions.map((name) => good(name, 22)),
    },
  ];
}

function result(
  of: Metrics,
  rest: Pick<Result, 'verdict' | 'sentence' | 'checks'> & Partial<Result>,
): Result {
  return {
    schema: 'labrys/result@1',
    run,
    evidence: evidence(of),
    metrics: of,
    environment: { ...plan.versions, engine: 'Docker 20.10.24' },
    reproduce: again,
    recheck: `npx labrys check results/${run}`,
    files: { report: 'index.html', history: 'history.jsonl', plan: 'plan.json', result: 'result.json' },
    ...rest,
  };
}

function staleOn(key: string, operations: readonly number[]): Anomaly {
  const [read, write] = drawnOf(key).toReversed() as [DrawnOperation, DrawnOperation];
  const late = Math.round((read.call - (write.return ?? 0)) * 1000);
  return {
    kind: 'stale read',
    key,
    operations,
    explanation: `Client ${read.process} read ${key} at ${read.call.toFixed(3)} s and got ${JSON.stringify(read.output)}, although client ${write.process}’s write of ${JSON.stringify(write.input)} had completed ${late} ms earlier.`,
  };
}

/** A read that missed a completed write, on the wrong side of a partition. */
export function staleRead(): GoldenRun {
  const { events } = load();
  const of = metrics(events);
  const operations = drawnOf('x246');
  const anomalies = ['x246', 'x249'].map((key) =>
    staleOn(
      key,
      drawnOf(key).map(({ id }) => id),
    ),
  );
  return {
    plan,
    events,
    result: result(of, {
      verdict: 'violation',
      sentence:
        'Client 5 read x246 at 12.343 s and got 14, although client 24’s write of 15 had completed 196 ms earlier.',
      counterexample: {
        checker: 'linearizable',
        anomaly: anomalies[0] as Anomaly,
        operations,
        faults: [drawn(faults[0] as PlannedFault)],
      },
      checks: checks(of, {
        checker: 'linearizable',
        valid: false,
        disproves: ['linearizable'],
        anomalies,
        facts: {
          model: 'register',
          operations: of.operations,
          keys: 256,
          algorithm: 'zones',
          explored: 0,
          'keys violated': 2,
          ms: 412,
        },
      }),
    }),
  };
}

export function pass(): GoldenRun {
  const { events } = load();
  const of = metrics(events);
  return {
    plan,
    events,
    result: result(of, {
      verdict: 'pass',
      sentence: `All ${of.operations.toLocaleString('en-US')} operations on 256 keys fit one order that respects real time, through 3 confirmed faults. This run found no violation. It does not prove that none exists.`,
      checks: checks(of, {
        checker: 'linearizable',
        valid: true,
        anomalies: [],
        facts: { operations: of.operations, keys: 256, ms: 412 },
      }),
    }),
  };
}

/** An element that was acknowledged, and that no read ever returned. */
export function lostElement(): GoldenRun {
  const operations: readonly DrawnOperation[] = [
    { id: 310, process: 7, node: 'n2', f: 'add', input: 117, outcome: 'ok', call: 8.412, return: 8.431 },
    {
      id: 2041,
      process: 3,
      node: 'n1',
      f: 'read',
      output: Array.from({ length: 900 }, (_, i) => (i < 117 ? i : i + 1)),
      outcome: 'ok',
      call: 31.2,
      return: 31.318,
    },
  ];
  const { events } = load();
  const of = metrics(events);
  const anomaly = {
    kind: 'lost element',
    operations: [310, 2041],
    explanation: 'Element 117 was acknowledged at 8.431 s, and no later read contains it.',
  };
  return {
    plan: {
      ...plan,
      run: '2026-11-21T03-02-11-toykv-set-9',
      seed: 9,
      workload: { name: 'set', options: {} },
    },
    events,
    result: result(of, {
      run: '2026-11-21T03-02-11-toykv-set-9',
      verdict: 'violation',
      sentence:
        'The add of 117 was acknowledged at 8.431 s; none of the 4 later reads of the set ever returned it.',
      counterexample: {
        checker: 'no lost elements',
        anomaly,
        operations,
        faults: [{ name: 'fault', what: 'kill n2', nodes: ['n2'], from: 8.433, to: 11.02 }],
      },
      checks: [
        {
          checker: 'no lost elements',
          valid: false,
          anomalies: [anomaly],
          facts: { elements: 1204, reads: 4, ms: 8 },
        },
      ],
    }),
  };
}

export function undecided(): GoldenRun {
  const { events } = load();
  const of = metrics(events);
  return {
    plan,
    events,
    result: result(of, {
      verdict: 'undecided',
      sentence:
        'The checker spent its 60 s on 1 of 40 keys; the other 39 are proven linearizable. Key q7 has 17 writes with unknown outcome.',
      because: 'the checker ran out of its 60 s on 1 of 40 keys',
      evidence: [
        ...evidence(of).slice(0, 3),
        { what: 'a compare-and-set was refused', required: 'at least once', seen: 'never', enough: false },
      ],
      checks: checks(of, {
        checker: 'linearizable',
        valid: 'unknown',
        because: 'out of time: 60 s',
        anomalies: [],
        facts: { keys: 40, proven: 39, states: 81_220_117, ms: 60_004 },
      }),
    }),
  };
}

/** No node ever answered: no history, no checks. */
export function couldNotRun(): GoldenRun {
  const nothing: Metrics = {
    operations: 0,
    ok: 0,
    failed: 0,
    unknown: 0,
    overlappedFaults: 0,
    faults: 0,
    faultsConfirmed: 0,
    seconds: 0.4,
    operationsPerSecond: 0,
    latencyMs: { p50: 0, p99: 0, max: 0 },
    checkMs: 0,
  };
  return {
    plan,
    events: [],
    result: result(nothing, {
      verdict: 'could-not-run',
      sentence: 'n3 never became ready: it exited with code 1 after 0.4 s ("bind: address already in use").',
      because: 'n3 exited with code 1',
      evidence: [],
      checks: [],
    }),
  };
}

/** Two readers that disagree about what happened first, as the checker itself finds it in a handful of transactions. */
function longFork(): GoldenRun {
  const events = transactions([
    { process: 3, call: 4.021, end: 4.038, steps: [['append', 'x', 1]] },
    { process: 8, call: 4.019, end: 4.036, steps: [['append', 'y', 1]] },
    {
      process: 11,
      call: 4.041,
      end: 4.047,
      steps: [
        ['r', 'x', [1]],
        ['r', 'y', []],
      ],
    },
    {
      process: 20,
      call: 4.04,
      end: 4.049,
      steps: [
        ['r', 'x', []],
        ['r', 'y', [1]],
      ],
    },
    {
      process: 4,
      call: 5.1,
      end: 5.11,
      steps: [
        ['r', 'x', [1]],
        ['r', 'y', [1]],
      ],
    },
  ]);
  const { history } = tabulate(events);
  const verdict = checkListAppend(transactionsOf(history), { level: 'serializable' });
  const anomaly = verdict.anomalies.find(({ cycle }) => cycle?.every(({ kind }) => kind !== 'real time'));
  if (anomaly === undefined) throw new Error('a long fork is a cycle');
  const of = metrics(events);
  return {
    plan: {
      ...plan,
      run: '2026-11-18T02-09-02-toykv-list-append-902',
      again: 'npx labrys test toykv -w list-append --time 50s --seed 902',
      seed: 902,
      workload: { name: 'list-append', options: {} },
      strikes: [],
    },
    events,
    result: result(of, {
      run: '2026-11-18T02-09-02-toykv-list-append-902',
      verdict: 'violation',
      sentence:
        'T2 (client 20, 4.040 s) and T3 (client 11, 4.041 s) disagree about what happened first: T2 read y with 1, which T0 (client 8, 4.019 s) appended, but read x as [], without the 1 that T1 (client 3, 4.021 s) appended; T3 read x with 1, which T1 appended, but read y as [], without the 1 that T0 appended.',
      counterexample: {
        checker: 'serializable',
        anomaly,
        operations: anomaly.operations.map((id) => drawnOperation(history.operation(id))),
        faults: [],
      },
      checks: [{ ...verdict, checker: 'serializable' }],
    }),
  };
}

function transactions(
  all: readonly {
    readonly process: number;
    readonly call: number;
    readonly end: number;
    readonly steps: readonly MicroOperation[];
  }[],
): (HistoryEvent | Mark)[] {
  return all
    .flatMap(({ process, call, end, steps }) => {
      const asked = steps.map(([f, key, of]) => [f, key, f === 'r' ? null : of]);
      const base = { process, f: 'txn' };
      return [
        { ...base, time: call * 1e9, type: 'invoke' as const, node: `n${(process % 5) + 1}`, value: asked },
        { ...base, time: end * 1e9, type: 'ok' as const, value: steps },
      ];
    })
    .toSorted((a, b) => a.time - b.time)
    .map((event, index): HistoryEvent => ({ index, ...event }));
}

/** Everything a node, a client or a user can say, said as badly as possible. */
const hostileText = '</script><img src=x onerror="alert(1)">\u202eevil\u0007\u001b[31m\u0000 שלום &amp; \'"`';

export function hostile(): GoldenRun {
  const base = staleRead();
  const { counterexample } = base.result;
  if (counterexample === undefined) throw new Error('the stale read has a counterexample');
  const operations = drawnOf('x246').map((operation, i) => ({
    ...operation,
    node: hostileText,
    key: hostileText,
    ...(i < 2 ? { input: `${hostileText}${i}` } : { output: `${hostileText}0` }),
  }));
  const what = hostileText;
  return {
    plan: {
      ...base.plan,
      system: hostileText,
      workload: { name: hostileText, options: { [hostileText]: hostileText } },
      again: hostileText,
      options: { [hostileText]: hostileText },
      versions: { [hostileText]: hostileText },
    },
    events: [
      {
        index: 0,
        time: 1e9,
        type: 'mark',
        name: hostileText,
        what,
        nodes: [hostileText],
        details: { evidence: { outcome: 'confirmed', how: hostileText } },
      },
      {
        index: 1,
        time: 2e9,
        process: 0,
        node: hostileText,
        type: 'invoke',
        f: hostileText,
        key: hostileText,
        value: hostileText,
      },
      { index: 2, time: 3e9, process: 0, type: 'fail', f: hostileText, key: hostileText, error: hostileText },
      { index: 3, time: 4e9, type: 'mark', name: hostileText, what, ends: 0 },
    ],
    result: {
      ...base.result,
      run: hostileText,
      sentence: hostileText.repeat(2),
      because: hostileText,
      counterexample: {
        checker: hostileText,
        anomaly: { kind: hostileText, key: hostileText, operations: [], explanation: hostileText },
        operations,
        faults: [{ name: hostileText, what, nodes: [hostileText], from: 10 }],
      },
      checks: [
        {
          checker: hostileText,
          valid: false,
          because: hostileText,
          anomalies: [{ kind: hostileText, operations: [], explanation: hostileText }],
          facts: { [hostileText]: hostileText },
        },
      ],
      evidence: [{ what: hostileText, required: hostileText, seen: hostileText, enough: false }],
      environment: { [hostileText]: hostileText },
      reproduce: hostileText,
      recheck: hostileText,
      files: { [hostileText]: `javascript:${hostileText}` },
    },
  };
}

/** As stale as a cache: each read a little more behind than the one before. What the checker itself says of it, with its histograms. */
function staleness(): GoldenRun {
  const many = Array.from({ length: 60 }, (_, i): Done => {
    const call = 1 + i * 0.01;
    return i % 2 === 0
      ? { process: 0, node: 'n1', f: 'write', key: 'x', input: i, call, end: call + 0.004, type: 'ok' }
      : {
          process: 1,
          node: 'n2',
          f: 'read',
          key: 'x',
          output: (i >> 2) << 1,
          call,
          end: call + 0.002,
          type: 'ok',
        };
  });
  const { events } = makeLoad(
    { seed: 1, nodes: 2, clients: 0, keys: 1, seconds: 2, perSecond: 1, faults: [] },
    many,
  );
  const { history } = tabulate(events);
  const verdict = judgeStaleness({ k: 3 }).check(history, {
    deadline: Infinity,
    now: () => 0,
    memoryBytes: 2 ** 30,
  }) as Verdict;
  const [anomaly] = verdict.anomalies;
  if (anomaly === undefined) throw new Error('these reads are stale');
  const of = metrics(events);
  return {
    plan: { ...plan, nodes: ['n1', 'n2'], clients: 2, strikes: [] },
    events,
    result: result(of, {
      verdict: 'violation',
      sentence: anomaly.explanation,
      counterexample: {
        checker: verdict.checker,
        anomaly,
        operations: anomaly.operations.map((id) => drawnOperation(history.operation(id))),
        faults: [],
      },
      checks: [verdict],
    }),
  };
}

/** The least that can be a run. */
function oneOperation(): GoldenRun {
  const one: Done = { process: 0, node: 'n1', f: 'read', key: 'x', call: 0.001, end: 0.002, type: 'ok' };
  const { events } = makeLoad(
    { seed: 1, nodes: 1, clients: 0, keys: 1, seconds: 1, perSecond: 1, faults: [] },
    [one],
  );
  const of = metrics(events);
  return {
    plan: { ...plan, nodes: ['n1'], clients: 1, strikes: [] },
    events,
    result: result(of, {
      verdict: 'undecided',
      sentence: 'No violation was found, and that means little: 1 operation succeeded.',
      checks: checks(of, { checker: 'linearizable', valid: true, anomalies: [], facts: { operations: 1 } }),
    }),
  };
}

/** More nodes than there is room for. */
function manyNodes(): GoldenRun {
  const all = Array.from({ length: 64 }, (_, i) => `n${i + 1}`);
  const half = all.slice(0, 32);
  const cut: PlannedFault = {
    name: 'partition',
    what: `${half.join(' ')} | ${all.slice(32).join(' ')}`,
    nodes: half,
    from: 2,
    to: 5,
    elects: { node: 'n40', term: 4, deposes: { node: 'n1', at: 3.4 } },
  };
  const { events } = makeLoad({
    seed: 64,
    nodes: 64,
    clients: 128,
    keys: 40,
    seconds: 10,
    perSecond: 500,
    faults: [cut],
  });
  const of = metrics(events);
  return {
    plan: { ...plan, nodes: all, clients: 128, strikes: [] },
    events,
    result: result(of, {
      verdict: 'pass',
      sentence: `All ${of.operations.toLocaleString('en-US')} operations on 40 keys fit one order that respects real time, through 1 confirmed fault. This run found no violation. It does not prove that none exists.`,
      checks: checks(of, {
        checker: 'linearizable',
        valid: true,
        anomalies: [],
        facts: { operations: of.operations },
      }),
    }),
  };
}

/** All of them, by name. */
export const goldenRuns = {
  staleRead,
  lostElement,
  longFork,
  staleness,
  pass,
  manyNodes,
  oneOperation,
  undecided,
  couldNotRun,
  hostile,
};

export type GoldenName = keyof typeof goldenRuns;

export const goldenNames = Object.keys(goldenRuns) as readonly GoldenName[];
