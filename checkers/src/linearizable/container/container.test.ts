import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../checker.ts';
import { containerHistory } from '../../generate/container-history.ts';
import type { History, HistoryEvent, Operation, Operations } from '../../history.ts';
import type { Model } from '../../model.ts';
import { priorityQueue, queue, stack } from '../../models/index.ts';
import { tabulate } from '../../table/tabulate.ts';
import { linearizable } from '../linearizable.ts';
import { histories, holdAgainstReference, plenty, runs, type Vocabulary } from '../testing.ts';
import { Budget } from '../budget.ts';
import { verify } from '../../verify/verify.ts';
import { judgeContainer } from './container.ts';

type Container = Model<Operations, unknown>;
type Recorded = History;
// Each has operations of its own; here all are looked at alike.
const containers = [queue, stack, priorityQueue].map((model) => model as unknown as Container);
const named = containers.map((model) => [model.name as 'queue' | 'stack' | 'priority-queue', model] as const);

/** In no order, so that the smallest is not the first. */
const elements = [5, 2, 8, 1, 9, 4, 7, 3, 6];

test.each(named)(
  'a %s into which nothing is put twice is judged as by brute force, crashes and empty answers included',
  (_, model) => {
    const { put, take } = model.container as { put: string; take: string };
    const words: Vocabulary[] = [
      { f: put, inputs: elements, once: true, answers: [undefined] },
      { f: take, inputs: [undefined], answers: [null, ...elements] },
    ];
    const found = { true: 0, false: 0, unfit: 0 };
    for (const honest of [0.7, 0.97])
      fc.assert(
        fc.property(histories(model, words, { operations: 9, clients: 5, honest }), (history) => {
          holdAgainstReference(history, model);
          found[String(judgeContainer(history, model.container!, new Budget(plenty())).valid) as 'true']++;
        }),
        { numRuns: runs(2500) },
      );
    expect(Math.min(found.true, found.false)).toBeGreaterThan(runs(300));
    expect(found.unfit).toBeLessThan(runs(20));
  },
);

const loads = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 1, max: 600 }),
  clients: fc.integer({ min: 1, max: 20 }),
  takes: fc.constantFrom(0.4, 0.5, 0.6),
});

test.each(named)('what a correct %s did is valid, and the order that proves it holds', (kind, model) => {
  fc.assert(
    fc.property(loads, fc.constantFrom(0, 0.05, 0.2), (load, crashed) => {
      const history: Recorded = containerHistory({ kind, ...load, crashed });
      fc.pre(judgeContainer(history, model.container!, new Budget(plenty())).valid !== 'unfit');
      const verdict = judge(history, model);
      expect(verdict.valid).toBe(true);
      expect(verify(verdict, history, model)).toBeUndefined();
    }),
    { numRuns: runs(250) },
  );
});

/** Ways in which a history becomes illegal; each returns the operation that tells, if it finds a place. */
const lies = {
  'something that nobody put in': (history: Recorded, { taken }: Known, pick: number) => {
    const { id } = taken[pick % taken.length]!.take;
    history.output[id] = 2 ** 29 + 1;
    return [id];
  },
  'the same twice': (history: Recorded, { taken }: Known, pick: number) => {
    const { id } = taken[pick % taken.length]!.take;
    const other = taken.find(({ take }) => take.id !== id);
    if (!other) return [];
    history.output[id] = history.output[other.take.id] as number;
    return [id];
  },
  'something from the future': (history: Recorded, { put, taken }: Known, pick: number) => {
    const { take } = taken[pick % taken.length]!;
    const later = put.find(({ call }) => call > take.return);
    if (!later) return [];
    const rightful = taken.find((other) => other.put.id === later.id);
    if (rightful) history.output[rightful.take.id] = history.output[take.id] as number;
    history.output[take.id] = history.input[later.id] as number;
    return [take.id];
  },
  'out of order': (history: Recorded, known: Known, pick: number, kind: string) => {
    const pairs = known.taken.flatMap((a) =>
      known.taken.filter((b) => inOrder(kind, a, b)).map((b) => [a, b] as const),
    );
    const pair = pairs[pick % pairs.length];
    if (!pair) return [];
    const [a, b] = pair.map(({ take }) => take.id) as [number, number];
    const answer = history.output[a] as number;
    history.output[a] = history.output[b] as number;
    history.output[b] = answer;
    return [a, b];
  },
} as const;

interface Element {
  readonly put: Operation;
  readonly take: Operation;
}

interface Known {
  readonly put: readonly Operation[];
  readonly taken: readonly Element[];
}

/** Whether the first of two elements has to come out before the second, or the container is none of its kind. */
function inOrder(kind: string, a: Element, b: Element): boolean {
  const both = a.take.return < b.take.call && b.put.return < a.take.call;
  if (kind === 'queue') return both && a.put.return < b.put.call;
  if (kind === 'stack') return both && b.put.return < a.put.call && a.put.return < a.take.call;
  return both && a.put.return < a.take.call && (a.put.input as number) < (b.put.input as number);
}

function know(history: Recorded, { put }: { readonly put: string }): Known {
  const all = [...history].filter(({ outcome }) => outcome === 'ok');
  const puts = all.filter(({ f }) => f === put);
  const byInput = new Map(puts.map((op) => [op.input, op]));
  const taken = all.flatMap((take) => {
    const op = take.f === put ? undefined : byInput.get(take.output);
    return op ? [{ put: op, take }] : [];
  });
  return { put: puts, taken };
}

test.each(named.flatMap(([kind, model]) => Object.keys(lies).map((lie) => [kind, lie, model] as const)))(
  'a %s that gives %s is found out, and the counterexample holds what tells',
  (kind, lie, model) => {
    let told = 0;
    fc.assert(
      fc.property(loads, fc.nat(), (load, pick) => {
        const history: Recorded = containerHistory({ kind, ...load });
        const known = know(history, model.container!);
        fc.pre(known.taken.length > 0);
        const tells = lies[lie as 'out of order'](history, known, pick, kind);
        fc.pre(tells.length > 0);
        told++;
        const verdict = judge(history, model);
        expect(verdict.valid).toBe(false);
        expect(verify(verdict, history, model)).toBeUndefined();
        const shown = verdict.anomalies[0]?.operations ?? [];
        expect(tells.some((id) => shown.includes(id))).toBe(true);
      }),
      { numRuns: runs(60) },
    );
    expect(told).toBeGreaterThan(0);
  },
);

test.each(named)(
  'what is found out about a %s does not depend on names, on the clock, or on what may not have happened',
  (kind, model) => {
    const { put, take } = model.container as { put: string; take: string };
    fc.assert(
      fc.property(loads, fc.nat(), fc.nat(), (load, from, to) => {
        const history: Recorded = containerHistory({ kind, ...load, operations: 40 });
        if (from % 2 === 0) history.output[from % history.length] = history.output[to % history.length]!;
        const { valid } = judge(history, model);
        // Sizes keep their order; names of other containers need not.
        const renamed = (value: unknown): unknown =>
          typeof value !== 'number' ? value : kind === 'priority-queue' ? value / 2 - 7 : { was: -value };
        const others = events(history).map((event) => ({
          ...event,
          process: event.process + 7,
          time: event.time + to,
          ...('value' in event && { value: renamed(event.value) }),
        }));
        expect(judge(tabulate(others).history, model).valid).toBe(valid);
        const last = { time: 0, process: 5000, index: 2 ** 30 };
        const noise: HistoryEvent[] = [
          { ...last, type: 'invoke', f: put, value: 2 ** 28 },
          { ...last, index: last.index + 1, type: 'fail', f: put },
          { ...last, index: last.index + 2, process: 5001, type: 'invoke', f: put, value: 2 ** 27 },
          { ...last, index: last.index + 3, process: 5002, type: 'invoke', f: take },
        ];
        expect(judge(tabulate([...events(history), ...noise]).history, model).valid).toBe(valid);
      }),
      { numRuns: runs(150) },
    );
  },
);

test.each(named)('a %s without some of its elements is still legal', (kind, model) => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 2, max: 5 }), (load, every) => {
      const history: Recorded = containerHistory({ kind, ...load });
      const byElement = [...history].filter((op) => {
        const element = op.f === model.container!.put ? op.input : op.output;
        return typeof element !== 'number' || element % every !== 0;
      });
      expect(judge(tabulate(byElement.flatMap(eventsOf).toSorted(byIndex)).history, model).valid).toBe(true);
    }),
    { numRuns: runs(60) },
  );
});

test('what an element is put in twice for, or an operation that is no put and no take, is for the search', () => {
  const { history } = tabulate(
    [
      [0, 'invoke', 'enqueue', 1],
      [0, 'ok', 'enqueue'],
      [1, 'invoke', 'enqueue', 1],
      [1, 'ok', 'enqueue'],
      [2, 'invoke', 'dequeue'],
      [2, 'ok', 'dequeue', 1],
    ].map(
      ([process, type, f, value], index) => ({ index, time: 0, process, type, f, value }) as HistoryEvent,
    ),
  );
  const { valid, facts } = judge(history, queue as unknown as Container);
  expect({ valid, algorithm: facts['algorithm'] }).toEqual({
    valid: true,
    algorithm: 'search over configurations (any model): something was put in more than once',
  });
});

test.each([
  [
    'out of order',
    /got 2 by dequeue, although 1, which client 0 put in, had been put in earlier and came out only later\./,
    'enqueue 1 · enqueue 2 · dequeue 2 · dequeue 1',
  ],
  [
    'lost',
    /got 2 by dequeue, although 1, .* had been put in earlier and was never taken out\./,
    'enqueue 1 · enqueue 2 · dequeue 2',
  ],
  [
    'lost',
    /was told that there was nothing, although client 0’s enqueue of 1 had completed earlier, and nobody took it out\./,
    'enqueue 1 · dequeue ∅',
  ],
  [
    'taken twice',
    /got 1 by dequeue, which client 1 had got already, and which was put in only once\./,
    'enqueue 1 · dequeue 1 · dequeue 1',
  ],
  [
    'never put in',
    /got 3 by dequeue, which nobody put in: there is no enqueue of 3 in this history\./,
    'enqueue 1 · dequeue 3',
  ],
  [
    'taken before it was put in',
    /got 1 by dequeue, which nobody had put in: the enqueue of 1 began later\./,
    'dequeue 1 · enqueue 1',
  ],
])('what is called %s is explained', (kind, explanation, text) => {
  const all = text.split(' · ').map((word) => word.split(' ') as [string, string]);
  const history = tabulate(
    all.flatMap(([f, value], process): HistoryEvent[] => {
      const element = value === '∅' ? null : Number(value);
      const common = { process, f, time: NaN };
      return [
        { ...common, index: 2 * process, type: 'invoke', ...(f === 'enqueue' && { value: element }) },
        { ...common, index: 2 * process + 1, type: 'ok', ...(f === 'dequeue' && { value: element }) },
      ];
    }),
  ).history;
  const [anomaly] = judge(history, queue as unknown as Container).anomalies;
  expect(anomaly).toMatchObject({ kind, explanation: expect.stringMatching(explanation) });
});

function judge(history: Recorded, model: Container): Verdict {
  return linearizable(model, { proof: true }).check(history, plenty()) as Verdict;
}

function events(history: Recorded): HistoryEvent[] {
  return [...history].flatMap(eventsOf).toSorted(byIndex);
}

function eventsOf(op: Operation): HistoryEvent[] {
  const common = { process: op.process, f: op.f };
  const call = { ...common, index: op.call, time: op.callTime, type: 'invoke', value: op.input } as const;
  if (op.return === Infinity) return [call];
  return [call, { ...common, index: op.return, time: op.returnTime, type: op.outcome, value: op.output }];
}

function byIndex(a: HistoryEvent, b: HistoryEvent): number {
  return a.index - b.index;
}

test('elements that nobody is known to have taken may be in the way of each other alone (20261124)', () => {
  // What it was, and when it was called and ended: a take that found nothing, among takes and inserts of unknown outcome.
  const operations = [
    ['insert', 5, 'ok', 0, 4],
    ['insert', 2, 'info', 1, 6],
    ['insert', 8, 'ok', 2, 7],
    ['insert', 1, 'ok', 3, 9],
    ['take', undefined, 'info', 5, 11],
    ['take', undefined, 'ok', 8, 12],
    ['take', undefined, 'info', 10, 13],
    ['insert', 3, 'ok', 14, 15],
  ] as const;
  const events: HistoryEvent[] = [];
  for (const [process, [f, value, type, call, end]] of operations.entries()) {
    const about = { process, f, ...(value !== undefined && { value }) };
    events[call] = { ...about, index: call, time: call * 1e6, type: 'invoke' };
    events[end] = {
      process,
      f,
      index: end,
      time: end * 1e6,
      type,
      ...(f === 'take' && type === 'ok' && { value: null }),
    };
  }
  expect(holdAgainstReference(tabulate(events).history as never, priorityQueue).valid).toBe(false);
});
