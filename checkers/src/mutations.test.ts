import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { atomicCommit } from './atomic-commit/atomic-commit.ts';
import { bank } from './bank/bank.ts';
import { causal } from './causal/causal.ts';
import type { Checker, Verdict } from './checker.ts';
import { consensus } from './consensus/consensus.ts';
import { convergence } from './convergence/convergence.ts';
import { counterBounds } from './counter-bounds/counter-bounds.ts';
import { containerHistory } from './generate/container-history.ts';
import { growingHistory } from './generate/growing-history.ts';
import { growingSetHistory } from './generate/growing-set-history.ts';
import { lockHistory } from './generate/lock-history.ts';
import { objectHistory, type SimulatedObject } from './generate/object-history.ts';
import * as objects from './generate/objects.ts';
import { registerHistory } from './generate/register-history.ts';
import { setHistory } from './generate/set-history.ts';
import type { History, HistoryEvent, Key, Operations } from './history.ts';
import { linearizable } from './linearizable/linearizable.ts';
import { plenty, runs } from './linearizable/testing.ts';
import { longFork } from './long-fork/long-fork.ts';
import type { Model } from './model.ts';
import * as models from './models/index.ts';
import { mutualExclusion } from './mutual-exclusion/mutual-exclusion.ts';
import { regularRegister, safeRegister, stronglyRegularRegister } from './regular/regular.ts';
import { sequential } from './sequential/sequential.ts';
import { sessions } from './sessions/sessions.ts';
import { setFull } from './set-full/set-full.ts';
import { staleness } from './staleness/staleness.ts';
import { tabulate } from './table/tabulate.ts';
import { totalQueue } from './total-queue/total-queue.ts';
import { listAppend } from './transactions/list-append.ts';
import { rwRegister } from './transactions/rw-register.ts';
import { uniqueIds } from './unique-ids/unique-ids.ts';

/** One operation that was answered, of a client that is new: the first unless said otherwise. */
interface Deed {
  readonly f: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly key?: Key | undefined;
  readonly client?: number;
  readonly node?: string;
}

/** Deeds one after the other, all before or all after the valid history; the first one before it, or else the last
 * one after it, is the lie. */
interface Plant {
  readonly before?: readonly Deed[];
  readonly after?: readonly Deed[];
  /** Any of the deeds may be the lie. */
  readonly either?: true;
}

/** What a lie is made of: something that the valid history says, drawn anew for each case. */
interface Truth {
  readonly key: Key | undefined;
  /** What an answered operation of this name put in, or `undefined` if there is none. Generators put in nothing twice. */
  input(f: string): unknown;
  /** What an answered operation of this name returned. */
  output(f: string): unknown;
}

interface Row {
  readonly name: string;
  readonly checker: Checker;
  readonly history: (seed: number) => History;
  /** By kind, and why it cannot be right; `undefined` where the history offers nothing to lie about. */
  readonly plants: Readonly<Record<string, (truth: Truth) => Plant | undefined>>;
}

/** Above everything that a generator puts in. */
const [NEW, NEWER] = [1_000_001, 1_000_002];
const OPERATIONS = 60;

const load = (seed: number) => ({ operations: OPERATIONS, clients: 4, seed });
const object =
  (make: (operations: number) => SimulatedObject, nodes = 0) =>
  (seed: number): History =>
    objectHistory({ ...load(seed), operations: 2 * OPERATIONS, nodes }, make(2 * OPERATIONS));
const registers =
  (crashed: number) =>
  (seed: number): History =>
    registerHistory({ ...load(seed), crashed }).history as unknown as History;
const of = (model: unknown): Checker => linearizable(model as Model<Operations, unknown>);

/** In real time. Every value is written once, by a write that was answered, and `null` by nobody; so crashed writes change nothing. */
const registerLies: Row['plants'] = {
  'stale, overwritten before the read began': ({ input, key }) =>
    input('write') === undefined
      ? undefined
      : { after: [write(NEW, key), { f: 'read', output: input('write'), key, client: 1 }] },
  'lost, as if nothing had ever been written': ({ key }) => ({
    after: [write(NEW, key), { f: 'read', output: null, key, client: 1 }],
  }),
  'future, read before its only write began': ({ input, key }) =>
    input('write') === undefined ? undefined : { before: [{ f: 'read', output: input('write'), key }] },
};

/** By one client, so that no clock is needed to see it. */
const sessionLies: Row['plants'] = {
  'stale, overwritten by the reader itself': ({ key }) => ({
    after: [write(NEW, key), write(NEWER, key), { f: 'read', output: NEW, key }],
  }),
  'lost, the reader’s own write': ({ key }) => ({
    after: [write(NEW, key), { f: 'read', output: null, key }],
  }),
};

function write(value: number, key: Key | undefined): Deed {
  return { f: 'write', input: value, key };
}

/** Nothing is put in twice, and no operation is open at the end that could have taken something out. */
const containerLies = (put: string, take: string): Row['plants'] => ({
  'stale, taken out a second time': ({ output }) =>
    typeof output(take) === 'number' ? { after: [{ f: take, output: output(take) }] } : undefined,
  'lost, nothing found after what was put in': () => ({
    after: [
      { f: put, input: NEW },
      { f: take, output: null },
    ],
  }),
  'future, taken out before it was put in': ({ input }) =>
    input(put) === undefined ? undefined : { before: [{ f: take, output: input(put) }] },
});

/** Additions are positive, and at least `NEW` has been added. */
const counterLies: Row['plants'] = {
  lost: () => ({
    after: [
      { f: 'add', input: NEW },
      { f: 'read', output: 0 },
    ],
  }),
  'future, counted before anybody began to add': () => ({ before: [{ f: 'read', output: 1 }] }),
};

const step = (...steps: readonly unknown[][]): Pick<Deed, 'f' | 'input' | 'output'> => ({
  f: 'txn',
  input: steps.map(([f, key, value]) => [f, key, f === 'r' ? null : value]),
  output: steps,
});

const rows: readonly Row[] = [
  { name: 'register', checker: of(models.register), history: registers(0.05), plants: registerLies },
  { name: 'cas-register', checker: of(models.casRegister), history: registers(0.05), plants: registerLies },
  // A safe read that overlaps a write may return anything, and a crashed write overlaps all that follow.
  { name: 'safe register', checker: safeRegister(), history: registers(0), plants: registerLies },
  { name: 'regular register', checker: regularRegister(), history: registers(0.05), plants: registerLies },
  {
    name: 'strongly regular register',
    checker: stronglyRegularRegister(),
    history: registers(0.05),
    plants: registerLies,
  },
  { name: 'staleness, k = 1', checker: staleness({ k: 1 }), history: registers(0.05), plants: registerLies },
  { name: 'sequential', checker: sequential(), history: registers(0.05), plants: sessionLies },
  { name: 'causal', checker: causal(), history: registers(0.05), plants: sessionLies },
  { name: 'sessions', checker: sessions(), history: registers(0.05), plants: sessionLies },
  {
    name: 'transactions over registers',
    checker: rwRegister({ level: 'strict serializable' }),
    history: registers(0.05),
    plants: { ...registerLies, ...sessionLies },
  },
  {
    name: 'multi-register',
    checker: of(models.multiRegister),
    history: object(objects.pairsOfRegisters),
    plants: {
      stale: () => ({ after: [step(['w', 0, NEW]), step(['w', 0, NEWER]), step(['r', 0, NEW])] }),
      lost: () => ({ after: [step(['w', 0, NEW]), step(['r', 0, null])] }),
      'future, read before anybody began to write': () => ({ before: [step(['r', 0, 1])] }),
    },
  },
  {
    name: 'kv',
    checker: of(models.kv),
    // A lie that no text explains is left to the search, which at 60 operations may take 10 s.
    history: (seed) => growingHistory({ ...load(seed), operations: 20 }) as unknown as History,
    plants: {
      stale: ({ key }) => ({
        after: [
          { f: 'put', input: 'new', key },
          { f: 'put', input: 'newer', key },
          { f: 'get', output: 'new', key },
        ],
      }),
      lost: ({ key }) => ({
        after: [
          { f: 'append', input: 'new', key },
          { f: 'get', output: '', key },
        ],
      }),
      'future, read before anybody began to write': ({ key }) => ({
        before: [{ f: 'get', output: 'new', key }],
      }),
    },
  },
  ...(
    [
      ['queue', models.queue, 'enqueue', 'dequeue'],
      ['stack', models.stack, 'push', 'pop'],
      ['priority-queue', models.priorityQueue, 'insert', 'take'],
    ] as const
  ).map(([kind, model, put, take]) => ({
    name: kind,
    checker: of(model),
    history: (seed: number): History => containerHistory({ ...load(seed), kind }),
    plants: containerLies(put, take),
  })),
  {
    name: 'set',
    checker: of(models.set),
    history: (seed) => setHistory(load(seed)),
    plants: {
      'stale, found after its removal': () => ({
        after: [
          { f: 'add', input: NEW },
          { f: 'remove', input: NEW },
          { f: 'contains', input: NEW, output: true },
        ],
      }),
      lost: () => ({
        after: [
          { f: 'add', input: NEW },
          { f: 'contains', input: NEW, output: false },
        ],
      }),
      'future, found before its only add began': ({ input }) =>
        input('add') === undefined
          ? undefined
          : { before: [{ f: 'contains', input: input('add'), output: true }] },
    },
  },
  {
    name: 'append-list',
    checker: of(models.appendList),
    history: object(objects.growingList),
    plants: {
      'stale, newest first': () => ({
        after: [
          { f: 'append', input: NEW },
          { f: 'append', input: NEWER },
          { f: 'read', output: [NEWER, NEW] },
        ],
      }),
      lost: () => ({
        after: [
          { f: 'append', input: NEW },
          { f: 'read', output: [] },
        ],
      }),
      future: ({ input }) =>
        input('append') === undefined ? undefined : { before: [{ f: 'read', output: [input('append')] }] },
    },
  },
  {
    name: 'counter',
    checker: of(models.counter),
    history: object(objects.counting),
    plants: counterLies,
  },
  {
    name: 'counter within bounds',
    checker: counterBounds(),
    history: object(objects.counting),
    plants: counterLies,
  },
  {
    name: 'lock with fencing',
    checker: of(models.lock),
    history: (seed) => lockHistory({ ...load(seed), owned: true }),
    plants: {
      'two acquire, and nobody releases between them': () => ({
        after: [
          { f: 'acquire', output: NEW },
          { f: 'acquire', output: NEWER, client: 1 },
        ],
        // Where the lock is held at the end of the valid history, already the first is one too many.
        either: true,
      }),
      'future, released before anybody acquired': () => ({ before: [{ f: 'release', output: true }] }),
    },
  },
  {
    name: 'mutex',
    checker: of(models.mutex),
    history: (seed) => lockHistory({ ...load(seed), owned: false }),
    plants: {
      'two acquire, and nobody releases between them': () => ({
        after: [
          { f: 'acquire', output: true },
          { f: 'acquire', output: true, client: 1 },
        ],
        // Where the lock is held at the end of the valid history, already the first is one too many.
        either: true,
      }),
      'future, released before anybody acquired': () => ({ before: [{ f: 'release', output: true }] }),
    },
  },
  {
    name: 'mutual exclusion',
    checker: mutualExclusion(),
    history: (seed) => lockHistory({ ...load(seed), owned: true }),
    plants: {
      'a token given twice': () => ({
        after: [
          { f: 'acquire', output: [NEW, 1000] },
          { f: 'release', output: true },
          { f: 'acquire', output: [NEW, 1000], client: 1 },
        ],
      }),
    },
  },
  {
    name: 'transactions over lists',
    checker: listAppend(),
    history: object(objects.listsOfTwenty),
    plants: {
      // The reader’s own, so that no clock is needed to see it.
      lost: () => ({ after: [step(['append', 0, NEW]), step(['r', 0, []])] }),
      'lost inside a transaction': () => ({ after: [step(['append', 0, NEW], ['r', 0, []])] }),
      // Element 0 is appended later or never.
      'future, read before anybody began to append': () => ({ before: [step(['r', 0, [0]])] }),
      'read though nobody appended it': () => ({ after: [step(['r', 0, [NEW]])] }),
    },
  },
  {
    name: 'set-full',
    checker: setFull(),
    history: (seed) => growingSetHistory({ adds: OPERATIONS, reads: 10, clients: 4, seed }),
    plants: {
      'lost by the last read': ({ key }) => ({
        after: [
          { f: 'add', input: NEW, key },
          { f: 'read', output: [], key },
        ],
      }),
      'future, read before its add began': ({ input, key }) =>
        input('add') === undefined ? undefined : { before: [{ f: 'read', output: [input('add')], key }] },
    },
  },
  {
    name: 'total-queue',
    checker: totalQueue(),
    history: object(objects.drainedQueue),
    plants: {
      'taken out a second time': ({ output }) =>
        typeof output('dequeue') === 'number'
          ? { after: [{ f: 'dequeue', output: output('dequeue') }] }
          : undefined,
      'lost, nothing left after what was put in': () => ({
        after: [
          { f: 'enqueue', input: NEW },
          { f: 'drain', output: [] },
        ],
      }),
      'future, taken out before it was put in': () => ({
        before: [
          { f: 'dequeue', output: NEW },
          { f: 'enqueue', input: NEW },
        ],
      }),
    },
  },
  {
    name: 'unique ids',
    checker: uniqueIds(),
    history: object(objects.numbering),
    plants: {
      'given again': ({ output }) => ({ after: [{ f: 'generate', output: output('generate') }] }),
    },
  },
  {
    name: 'bank',
    checker: bank({ total: 800 }),
    history: object(objects.accounts),
    plants: {
      'money lost': () => ({ after: [{ f: 'read', output: balances(99) }] }),
      'money from nowhere': () => ({ before: [{ f: 'read', output: balances(101) }] }),
    },
  },
  {
    name: 'long fork',
    checker: longFork(),
    history: object(objects.groupsOfKeys),
    plants: {
      'two readers who each miss what the other saw': () => ({
        after: [
          { f: 'write', input: [['w', NEW, 1]], output: [['w', NEW, 1]] },
          { f: 'write', input: [['w', NEWER, 1]], output: [['w', NEWER, 1]] },
          pair([NEW, 1], [NEWER, null]),
          pair([NEWER, 1], [NEW, null]),
        ],
      }),
    },
  },
  {
    name: 'convergence',
    checker: convergence(),
    history: object(() => objects.agreeingNodes(2 * OPERATIONS), 3),
    plants: {
      'lost by one node': () => ({
        after: [
          { f: 'write', input: NEW, key: 'planted', node: 'n1' },
          { f: 'read', output: NEW, key: 'planted', node: 'n1' },
          { f: 'read', output: null, key: 'planted', node: 'n2', client: 1 },
        ],
      }),
    },
  },
  {
    name: 'consensus',
    checker: consensus(),
    history: object(objects.deciding, 3),
    plants: {
      'a second decision': () => ({
        after: [
          { f: 'propose', input: NEW, output: NEW, key: 'planted', node: 'n1' },
          { f: 'propose', input: NEWER, output: NEWER, key: 'planted', node: 'n2' },
        ],
      }),
      'future, decided before anybody proposed it': () => ({
        before: [
          { f: 'learned', output: NEW, key: 'planted', node: 'n1' },
          { f: 'propose', input: NEW, output: NEW, key: 'planted', node: 'n2' },
        ],
      }),
    },
  },
  {
    name: 'atomic commit',
    checker: atomicCommit(),
    history: object(objects.committing, 3),
    plants: {
      'lost effect of a commit': () => ({
        after: [transact(), { f: 'outcome', output: ['commit', null], key: 'planted', node: 'n1' }],
      }),
      'aborted after its commit was promised': () => ({
        after: [transact(), { f: 'outcome', output: ['abort', null], key: 'planted', node: 'n1' }],
      }),
    },
  },
];

function balances(first: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, i === 0 ? first : 100]));
}

function pair(...seen: readonly (readonly [number, number | null])[]): Deed {
  return {
    f: 'read',
    input: seen.map(([key]) => ['r', key, null]),
    output: seen.map(([key, value]) => ['r', key, value]),
  };
}

function transact(): Deed {
  return { f: 'transact', input: [NEW, null], output: 'commit', key: 'planted', node: 'n1' };
}

test.each(
  rows.flatMap(({ plants, ...row }) =>
    Object.entries(plants).map(([kind, plant]) => ({ ...row, kind, plant })),
  ),
)('$name: a lie is found and shown: $kind', ({ checker, history: draw, plant }) => {
  let planted = 0;
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, pick) => {
      const valid = draw(seed);
      // Too little may have happened to tell, but nothing is wrong.
      expect((checker.check(valid, plenty()) as Verdict).valid).not.toBe(false);
      const lie = plant(truthOf(valid, pick));
      if (lie === undefined) return;
      planted++;
      const { history, liars } = planting(valid, lie);
      const verdict = checker.check(history, plenty()) as Verdict;
      expect(verdict.valid).toBe(false);
      const shown = verdict.anomalies.flatMap(({ operations }) => operations);
      expect(shown.filter((id) => liars.includes(id))).not.toEqual([]);
    }),
    { numRuns: runs(10) },
  );
  expect(planted).toBeGreaterThan(0);
});

function truthOf(history: History, pick: number): Truth {
  const answered = (f: string): { input?: unknown; output?: unknown } | undefined => {
    const all = [...history].filter(
      (op) => op.f === f && op.outcome === 'ok' && (op.output ?? op.input ?? null) !== null,
    );
    return all[pick % all.length];
  };
  return {
    key: history.keys[0],
    input: (f) => answered(f)?.input,
    output: (f) => answered(f)?.output,
  };
}

type Timed = Omit<HistoryEvent, 'index'>;

/** The valid history with the deeds before and after it, and the ids of the operations of which one lies. */
function planting(
  valid: History,
  { before = [], after = [], either }: Plant,
): { history: History; liars: readonly number[] } {
  const shift = 2e6 * (before.length + 1);
  const inside = [...valid].flatMap((op) => {
    const { process, f, key, node } = op;
    const told = (
      at: number,
      time: number,
      type: HistoryEvent['type'],
      value: unknown,
    ): { at: number; event: Timed } => {
      const about = { process, f, ...(key !== undefined && { key }), ...(node !== undefined && { node }) };
      return { at, event: { ...about, time: time + shift, type, ...(value !== undefined && { value }) } };
    };
    const call = told(op.call, op.callTime, 'invoke', op.input);
    return Number.isFinite(op.return)
      ? [call, told(op.return, op.returnTime, op.outcome, op.output)]
      : [call];
  });
  inside.sort((a, b) => a.at - b.at);
  const end = Math.max(...inside.map(({ event }) => event.time));
  const outside = (deeds: readonly Deed[], from: number): Timed[] =>
    deeds.flatMap(({ f, input, output, key, node, client = 0 }, i) => {
      const process = NEW + client;
      const common = { process, f, ...(key !== undefined && { key }), ...(node !== undefined && { node }) };
      const time = from + 2e6 * i;
      return [
        { ...common, time, type: 'invoke', ...(input !== undefined && { value: input }) },
        { ...common, time: time + 1e6, type: 'ok', ...(output !== undefined && { value: output }) },
      ];
    });
  const events = [
    ...outside(before, 0),
    ...inside.map(({ event }) => event),
    ...outside(after, end + 1e6),
  ].map((event, index) => ({ ...event, index }) as HistoryEvent);
  const { history } = tabulate(events);
  if (before.length > 0) return { history, liars: [0] };
  const last = history.length - 1;
  return { history, liars: either ? after.map((_, i) => last - i) : [last] };
}
