import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checker } from '../checker.ts';
import type { HistoryEvent } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { runs } from '../linearizable/testing.ts';
import { lock, mutex } from '../models/index.ts';
import { monitor } from './monitor.ts';
import { around, judge, watch } from './testing.ts';

/** One draw says who goes on, one how: whether the lock keeps its word, and whether an answer is lost. */
const turns = fc.array(fc.tuple(fc.nat(3), fc.nat(99)), { minLength: 1, maxLength: 40 });

interface Client {
  process: number;
  stage: 'idle' | 'asked' | 'done';
  holds: boolean;
  answer: unknown;
}

/** Clients that acquire and release in turn, of a lock that now and then grants what is held, refuses what is free, or falls silent. */
function locked(draws: readonly (readonly [number, number])[], tokens: boolean): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const clients: Client[] = [0, 1, 2, 3].map((process) => ({
    process,
    stage: 'idle',
    holds: false,
    answer: undefined,
  }));
  let holder: Client | undefined;
  let token = 0;
  let fresh = clients.length;
  const add = (client: Client, type: HistoryEvent['type'], value?: unknown): void => {
    const f = client.holds ? 'release' : 'acquire';
    const index = events.length;
    events.push({
      index,
      time: index * 1e6,
      process: client.process,
      type,
      f,
      ...(value !== undefined && { value }),
    });
  };
  for (const [at, draw] of draws) {
    const client = clients[at] as Client;
    if (client.stage === 'idle') {
      add(client, 'invoke');
      client.stage = 'asked';
    } else if (client.stage === 'asked') {
      const works = client.holds || holder === undefined ? draw > 3 : draw > 96;
      if (works && client.holds) holder = undefined;
      else if (works) holder = client;
      client.answer = !works ? false : client.holds || !tokens ? undefined : draw > 95 ? token : ++token;
      client.stage = 'done';
    } else {
      const crashes = draw > 93;
      const fails = client.answer === false && draw % 3 === 0;
      add(client, crashes ? 'info' : fails ? 'fail' : 'ok', crashes || fails ? undefined : client.answer);
      if (client.answer !== false) client.holds = !client.holds;
      client.stage = 'idle';
      if (crashes) clients[at] = { process: fresh++, stage: 'idle', holds: false, answer: undefined };
    }
  }
  return events;
}

test.each([mutex, lock])(
  'what is monitored of a $name is what the checker says, at the event that decides it',
  (model) => {
    const checker = linearizable(model as never) as unknown as Checker;
    const found = new Map<unknown, number>();
    fc.assert(
      fc.property(turns, (draws) => {
        const events = locked(draws, model === lock);
        const { raised, verdict } = watch(monitor(model as never), events);
        expect(verdict.valid).toBe(judge(checker, events));
        if (raised >= 0) expect(around(checker, events, raised)).toEqual([true, false]);
        for (const kind of verdict.anomalies.length > 0
          ? verdict.anomalies.map((each) => each.kind)
          : ['valid'])
          found.set(kind, (found.get(kind) ?? 0) + 1);
      }),
      { numRuns: runs(2000) },
    );
    expect(found.get('valid')).toBeGreaterThan(0);
    expect(found.get('mutual exclusion')).toBeGreaterThan(0);
    expect(found.get('refused in vain')).toBeGreaterThan(0);
    if (model === lock) expect(found.get('fencing token')).toBeGreaterThan(0);
  },
);

const told = (
  model: typeof lock | typeof mutex,
  ...steps: readonly (readonly [number, string, string, unknown?])[]
) => {
  const events = steps.map(([process, type, f, value], index): HistoryEvent => ({
    index,
    time: index * 1e6,
    process,
    type: type as 'ok',
    f,
    ...(value !== undefined && { value }),
  }));
  return watch(monitor(model as never), events);
};

test('a second holder is raised when it is granted the lock, and told of the first', () => {
  const { raised, verdict } = told(
    mutex,
    [0, 'invoke', 'acquire'],
    [1, 'invoke', 'acquire'],
    [0, 'ok', 'acquire'],
    [1, 'ok', 'acquire'],
  );
  expect(raised).toBe(3);
  expect(verdict.anomalies).toMatchObject([
    {
      kind: 'mutual exclusion',
      operations: [0, 1],
      explanation:
        'Client 1 acquired at 0.003 s although client 0, which had acquired it at 0.002 s, had not released it.',
    },
  ]);
});

test('a token below one that was handed out before is raised', () => {
  const { verdict } = told(
    lock,
    [0, 'invoke', 'acquire'],
    [0, 'ok', 'acquire', 7],
    [0, 'invoke', 'release'],
    [1, 'invoke', 'acquire'],
    [1, 'ok', 'acquire', 6],
  );
  expect(verdict.anomalies[0]?.explanation).toBe(
    'Client 1 acquired at 0.004 s with token 6, although client 0 had been handed 7 at 0.001 s.',
  );
});

test('a mutex that is released by whoever does not hold it is left undecided', () => {
  expect(
    told(mutex, [0, 'invoke', 'acquire'], [0, 'ok', 'acquire'], [1, 'invoke', 'release']).verdict,
  ).toMatchObject({
    valid: 'unknown',
    because: 'client 1 releases what it does not hold; check the history when it is complete',
  });
});
