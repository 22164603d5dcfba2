import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { registerHistory } from '../generate/register-history.ts';
import type { History, HistoryEvent } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { register } from '../models/register.ts';
import { anyHistory } from '../table/table.ts';
import { tabulate } from '../table/tabulate.ts';
import { leastDelta, leastK } from './brute-force.testing.ts';
import { staleness } from './staleness.ts';

/**
 * Histories of one register in which every read returns a value whose write had begun. Calls and returns are shuffled,
 * near their places only, so that some overlap and some do not.
 */
function histories({
  writes,
  reads,
  unique = true,
  within = 100,
}: {
  writes: number;
  reads: number;
  unique?: boolean;
  within?: number;
}): fc.Arbitrary<History> {
  const operation = fc.record({
    at: fc.nat(within),
    length: fc.nat(60),
    pick: fc.nat(100),
    crash: fc.nat(12),
  });
  return fc
    .record({
      writes: fc.array(operation, { minLength: 1, maxLength: writes }),
      reads: fc.array(operation, { minLength: 1, maxLength: reads }),
    })
    .map(({ writes, reads }) => {
      const events: Omit<HistoryEvent, 'index'>[] = [];
      const add = (
        process: number,
        f: string,
        { at, length, crash }: { at: number; length: number; crash: number },
        values: object[],
      ): void => {
        events.push({ time: at * 1e6, process, type: 'invoke', f, ...values[0] });
        const type = crash === 0 ? 'info' : 'ok';
        events.push({ time: (at + length) * 1e6 + 1, process, type, f, ...(type === 'ok' && values[1]) });
      };
      for (const [i, write] of writes.entries())
        add(i, 'write', write, [{ value: unique ? i + 1 : 1 + (write.pick % 3) }, {}]);
      for (const [i, read] of reads.entries()) {
        const begun = writes.flatMap(({ at }, w) => (at < read.at + read.length ? [w] : []));
        const w = read.pick % 7 === 0 ? undefined : begun[read.pick % Math.max(1, begun.length)];
        const value = w === undefined ? null : unique ? w + 1 : 1 + ((writes[w]?.pick ?? 0) % 3);
        // A read that never returned says nothing.
        add(writes.length + i, 'read', { ...read, crash: 1 }, [{}, { value }]);
      }
      events.sort((a, b) => a.time - b.time || Number(a.type !== 'invoke') - Number(b.type !== 'invoke'));
      return tabulate(events.map((event, index) => ({ ...event, index }) as HistoryEvent)).history;
    });
}

const range = (k: unknown): { low: number; high: number } => {
  const [low = NaN, high = low] = String(k).replace('at least ', '').split(' to ').map(Number);
  return { low, high: String(k).startsWith('at least') ? Infinity : high };
};

test('k is bounded as trying every order says, exactly where it is 1 or 2; Δ is exact', () => {
  const decided = { exactly: 0, between: 0 };
  fc.assert(
    fc.property(histories({ writes: 4, reads: 4 }), (history) => {
      const { facts } = judge(staleness(), history);
      const k = leastK(history);
      const { low, high } = range(facts['k']);
      decided[low === high ? 'exactly' : 'between']++;
      expect(low).toBeLessThanOrEqual(k);
      expect(high).toBeGreaterThanOrEqual(k);
      if (k <= 2) expect([low, high]).toEqual([k, k]);
      expect(facts['Δ, ms']).toBeCloseTo(leastDelta(history) / 1e6, 2);
    }),
    { numRuns: runs(1500) },
  );
  expect(decided.exactly).toBeGreaterThan(decided.between);
});

test('Δ is exact also where writes overlap, and only reads say which value is the newer', () => {
  const read = fc.record({ from: fc.nat(60), length: fc.nat(8), value: fc.integer({ min: 1, max: 4 }) });
  let later = 0;
  fc.assert(
    fc.property(fc.array(read, { minLength: 4, maxLength: 7 }), (reads) => {
      const writes = [1, 2, 3, 4].map((value) => `|─ write ${value} ${'─'.repeat(90)}|`);
      const lines = reads.map(
        ({ from, length, value }) => `${' '.repeat(from)}|${'─'.repeat(length)} read → ${value} |`,
      );
      const history = drawn([...writes, ...lines].join('\n'));
      const delta = leastDelta(history) / 1e6;
      expect(judge(staleness(), history).facts['Δ, ms']).toBe(delta);
      if (delta > 0) later++;
    }),
    { numRuns: runs(500) },
  );
  expect(later).toBeGreaterThan(0);
});

test('whether a history is 1-, 2- or 3-atomic is answered as trying every order answers it, or not at all for 3', () => {
  const answers = new Map<string, number>();
  fc.assert(
    fc.property(histories({ writes: 5, reads: 6, within: 80 }), (history) => {
      const least = leastK(history, null, 4);
      for (const k of [1, 2, 3]) {
        const { valid, anomalies } = judge(staleness({ k }), history);
        for (const answer of [`${k} ${valid}`, ...anomalies.map(({ kind }) => kind)])
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (k < 3 || valid !== 'unknown') expect([k, valid]).toEqual([k, least <= k]);
      }
    }),
    { numRuns: runs(1500) },
  );
  for (const answer of ['1 false', '2 true', '2 false', '3 false', 'not 2-atomic', 'stale read'])
    expect([answer, answers.get(answer) ?? 0]).not.toEqual([answer, 0]);
});

test('where values repeat, what is said of k and Δ is a bound from below', () => {
  let violations = 0;
  fc.assert(
    fc.property(
      histories({ writes: 4, reads: 4, unique: false }),
      fc.integer({ min: 1, max: 3 }),
      (history, k) => {
        const { valid, facts } = judge(staleness({ k }), history);
        const least = leastK(history);
        if (valid !== 'unknown') expect(valid).toBe(least <= k);
        if (valid === false) violations++;
        expect(range(facts['k']).low).toBeLessThanOrEqual(least);
        const delta = Number(String(facts['Δ, ms']).replace('at least ', ''));
        expect(delta - 0.01).toBeLessThanOrEqual(leastDelta(history) / 1e6);
      },
    ),
    { numRuns: runs(1000) },
  );
  expect(violations).toBeGreaterThan(0);
});

test('a store whose reads lag by one version is found to be 2-atomic, however many clients it has', () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.constantFrom(2, 8, 20),
      fc.constantFrom(0, 0.02),
      (seed, clients, crashed) => {
        const { history } = registerHistory({ operations: 2000, clients, keys: 3, seed, behind: 1, crashed });
        expect(judge(staleness({ k: 2 }), anyHistory(history)).valid).toBe(true);
      },
    ),
    { numRuns: runs(20) },
  );
});

test('by k and by Δ what is linearizable is 1-atomic with no slack, and nothing else is', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1), (seed, behind) => {
      const { history } = registerHistory({ operations: 100, clients: 4, keys: 2, seed, behind });
      const { valid } = linearizable(register).check(history as never, plenty()) as Verdict;
      expect(judge(staleness({ k: 1 }), anyHistory(history)).valid).toBe(valid);
      expect(judge(staleness({ deltaMs: 0 }), anyHistory(history)).valid).toBe(valid);
    }),
    { numRuns: runs(60) },
  );
});

test('a stale read is found wherever it is planted, and its age with it', () => {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const { history, planted } = registerHistory({ operations: 600, clients: 4, seed, stale: 1 });
      fc.pre(planted.length > 0);
      const measured = judge(staleness(), anyHistory(history));
      expect(range(measured.facts['k']).low).toBeGreaterThanOrEqual(2);
      for (const options of [{ k: 1 }, { deltaMs: Number(measured.facts['Δ, ms']) / 2 }]) {
        const { valid, anomalies } = judge(staleness(options), anyHistory(history));
        expect(valid).toBe(false);
        expect(anomalies[0]?.operations).toContain(planted[0]);
      }
    }),
    { numRuns: runs(30) },
  );
});

describe('a picture of each anomaly:', () => {
  test.each([
    {
      title: 'two versions behind',
      options: { k: 2 },
      picture: `
        A  |─ write 1 ─| |─ write 2 ─| |─ write 3 ─|
        B                                            |─ read → 1 ─|`,
      kind: 'stale read',
      explanation:
        'Client 1 read at 0.053 s and got 1, although 2 newer values (2, 3) had certainly been there by then, the first of them for 16 ms.',
    },
    {
      title: 'the initial value, long after',
      options: { deltaMs: 20 },
      picture: `
        A  |─ write 1 ─|
        B                                            |─ read → ∅ ─|`,
      kind: 'stale read',
      explanation:
        'Client 1 read at 0.053 s and got ∅, although client 0’s write of 1 had ended at 0.023 s, and nothing is older than the initial value. Reads would have to have begun 30 ms earlier; at most 20 ms are allowed.',
    },
    {
      title: 'an older value after a newer one',
      options: { k: 1 },
      picture: `
        A  |─────────────── write 1 ───────────────|
        B   |─ read → 1 ─| |─ read → ∅ ─|`,
      kind: 'stale read',
      explanation:
        'Client 1 read at 0.027 s and got ∅, the initial value, although a newer value, 1, had certainly been there by then, for 2 ms.',
    },
    {
      title: 'two versions, each read after the other',
      options: { deltaMs: 1 },
      picture: `
        A  |──────────────────────────── write 1 ────────────────────────────|
        B  |──────────────────────────── write 2 ────────────────────────────|
        C    |─ read → 1 ─| |─ read → 2 ─| |─ read → 1 ─| |─ read → 2 ─|`,
      kind: 'stale read',
      explanation:
        'Client 2 read at 0.043 s and got 1, although client 2’s read of 2 had ended at 0.041 s, and 1 is not the newer, as it had been there before client 2 read 2 at 0.058 s. Reads would have to have begun 2 ms earlier; at most 1 ms are allowed.',
    },
    {
      title: 'three versions that overlap, read in turn',
      options: { k: 2 },
      picture: `
        A  |──── write 1 ────|
        B  |──── write 2 ────|
        C  |──── write 3 ────|
        D                      |─ read → 1 ─| |─ read → 2 ─| |─ read → 3 ─| |─ read → 1 ─|`,
      kind: 'not 2-atomic',
      explanation:
        'No order of 3 writes lets each of 3 reads return one of the last 2 values, though none of the reads by itself is so far behind.',
    },
    {
      title: 'a value that nobody wrote is no matter of staleness',
      options: {},
      picture: `
        A  |─ read → 7 ─|`,
      kind: 'never written',
      explanation:
        'Client 0 read at 0.011 s and got 7, a value nobody had written: no write of it exists in this history.',
    },
  ])('$title', ({ options, picture, kind, explanation }) => {
    const { valid, anomalies } = judge(staleness(options), drawn(picture));
    expect(valid).toBe(false);
    expect(anomalies).toMatchObject([{ kind, explanation }]);
  });
});

test('histograms count every read once', () => {
  const { history } = registerHistory({ operations: 1000, clients: 4, seed: 1, behind: 3 });
  const { histograms = [], facts } = judge(staleness(), anyHistory(history));
  expect(histograms.map(({ name }) => name)).toEqual([
    'reads by versions behind',
    'reads by how long they were stale',
  ]);
  for (const { bars } of histograms)
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(facts['reads']);
});

test('a limit that is met is told, and never taken for an answer', () => {
  const { history } = registerHistory({ operations: 5000, clients: 5, seed: 1 });
  for (const [limit, because] of [
    [{ deadline: -1 }, /^out of time/],
    [{ memoryBytes: 1000 }, /^out of memory/],
  ] as const)
    expect(staleness().check(anyHistory(history), { ...plenty(), ...limit })).toMatchObject({
      valid: 'unknown',
      because: expect.stringMatching(because) as string,
    });
});

test('a promise that makes no sense is refused with what would', () => {
  expect(() => staleness({ k: 0 })).toThrow('a whole number from 1, not 0');
  expect(() => staleness({ deltaMs: -1 })).toThrow('a number of milliseconds from 0, not -1');
});

test('without times versions are counted all the same, and no promise about time is judged', () => {
  const { history } = drawnWithoutTimes(`
    A  |─ write 1 ─| |─ write 2 ─|
    B                              |─ read → 1 ─|`);
  expect(judge(staleness(), history)).toMatchObject({ valid: true, facts: { k: 2 } });
  expect(judge(staleness({ k: 1 }), history).valid).toBe(false);
  expect(judge(staleness({ deltaMs: 5 }), history)).toMatchObject({
    valid: 'unknown',
    because: 'the history has no times, and not every key is linearizable; record times, or ask for k',
  });
});

function drawnWithoutTimes(picture: string): { history: History } {
  const events = [...drawn(picture)].flatMap(
    ({ call, return: returned, process, f, input, output, outcome }) => [
      {
        index: call,
        time: NaN,
        process,
        type: 'invoke' as const,
        f,
        ...(input !== undefined && { value: input }),
      },
      {
        index: returned,
        time: NaN,
        process,
        type: outcome,
        f,
        ...(output !== undefined && { value: output }),
      },
    ],
  );
  return tabulate(events.toSorted((a, b) => a.index - b.index));
}
