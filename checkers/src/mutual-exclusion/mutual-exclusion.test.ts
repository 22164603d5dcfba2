import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { History, HistoryEvent, Operation } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { mutualExclusion, type MutualExclusionOptions } from './mutual-exclusion.ts';

/**
 * Events, half a second apart: `0a` process 0 calls acquire, `0=5` it returns 5, `0-` it returns false, `0u` a use is called, `0r` a
 * release, `0+` it returns true, `0!` it fails, `0?` nobody knows.
 */
function history(text: string): History {
  const events: HistoryEvent[] = [];
  const names: Record<string, string> = { a: 'acquire', u: 'use', r: 'release' };
  const open = new Map<number, string>();
  for (const [index, word] of text.split(' ').filter(Boolean).entries()) {
    const process = Number(word[0]);
    const sign = word[1] as string;
    const f = names[sign] ?? (open.get(process) as string);
    open.set(process, f);
    const type = sign in names ? 'invoke' : sign === '!' ? 'fail' : sign === '?' ? 'info' : 'ok';
    const value = sign === '=' ? [Number(word.slice(2)), 1000] : sign === '+';
    events.push({
      index,
      time: index * 5e8,
      process,
      f,
      key: 'x',
      type,
      ...(type === 'ok' && { value }),
    } as HistoryEvent);
  }
  return tabulate(events).history;
}

const judge = (text: string, options?: MutualExclusionOptions): Verdict =>
  mutualExclusion(options).check(history(text), plenty()) as Verdict;

test.each([
  ['0a 0=1 0u 0+ 0r 0+ 1a 1=2 1u 1+', true, []],
  ['0a 0=1 1a 1- 0u 0+', true, []],
  // Nobody uses what it has lost.
  ['0a 0=1 1a 1=2 1u 1+ 0r 0-', true, []],
  ['0a 0=1 1a 1=2 0u 1u 0- 1+', false, [{ kind: 'two holders', operations: [0, 1, 2, 3] }]],
  // Its use was called before the other had got the lock, though it ended after that.
  ['0a 0=1 0u 1a 1=2 1u 0- 1+', true, []],
  ['0a 0=2 0r 0+ 1a 1=2', false, [{ kind: 'token does not grow' }, { kind: 'token given twice' }]],
  ['0a 1a 1=2 1r 1+ 0=1', true, []],
  ['0a 0=1 1a 1=2 1u 1+ 0u 0+', false, [{ kind: 'two holders' }, { kind: 'overtaken holder let in' }]],
])('%s', (text, valid, anomalies) => {
  expect(judge(text)).toMatchObject({ valid, anomalies });
});

test('where fencing is what is promised, whoever is turned away may think what it likes', () => {
  expect(judge('0a 0=1 1a 1=2 1u 1+ 0u 0-', { promise: 'fencing' })).toMatchObject({
    valid: true,
    facts: { holds: 2, 'of them, together with another': 1, 'uses turned away': 1 },
  });
  expect(judge('0a 0=1 1a 1=2 1u 1+ 0u 0+', { promise: 'fencing' }).valid).toBe(false);
});

test('a lock that is refused long after its holder was last heard of is lost', () => {
  const waiting = '1a 1- 1a 1- 1a 1- 1a 1- ';
  const options = { patienceMs: 3000 };
  expect(judge(`0a 0=1 ${waiting}`, options)).toMatchObject({
    valid: false,
    anomalies: [{ kind: 'lost lock', operations: [0, 4] }],
  });
  expect(judge(`0a 0=1 ${waiting.slice(0, 15)}`, options).valid).toBe(true);
  // It is still alive, or somebody may have got it meanwhile.
  expect(judge(`0a 0=1 1a 1- 1a 1- 0u 0+ ${waiting.slice(0, 15)}`, options).valid).toBe(true);
  expect(judge(`0a 0=1 1a 1- 1a 1- 2a 2? ${waiting.slice(0, 15)}`, options).valid).toBe(true);
});

test('every sentence says who, what and when', () => {
  expect(judge('0a 0=1 1a 1=2 0u 0- 1u 1+').anomalies[0]?.explanation).toBe(
    'Client 0 and client 1 both held x: client 0 got it at 0.500 s, client 1 got it at 1.500 s, and the first still used it at 2.000 s, the second at 3.000 s.',
  );
});

/** Moment by moment, and pair by pair. */
function broken(history: History, patienceMs: number): { [kind: string]: boolean } {
  const all = [...history];
  const granted = all.filter(
    ({ f, outcome, output }) => f === 'acquire' && outcome === 'ok' && output !== false,
  );
  const next = (of: Operation): number =>
    all.find(
      ({ f, process, call, outcome }) =>
        f !== 'use' && outcome !== 'fail' && process === of.process && call > of.call,
    )?.call ?? Infinity;
  const usesOf = (of: Operation): Operation[] =>
    all.filter(
      ({ f, process, call }) => f === 'use' && process === of.process && call > of.call && call < next(of),
    );
  const token = ({ output }: Operation): number => (output as [number])[0];
  const thinks = (of: Operation, moment: number): boolean =>
    of.return < moment && usesOf(of).some(({ call }) => call > moment);
  const moments = Array.from({ length: 2 * all.length + 2 }, (_, i) => i - 0.5);
  const pairs = granted.flatMap((a) => granted.filter((b) => b !== a).map((b) => [a, b] as const));
  const letIn = granted.flatMap((a) =>
    usesOf(a)
      .filter(({ output }) => output === true)
      .map((use) => ({ use, token: token(a) })),
  );
  const signs = (of: Operation): Operation[] => [
    of,
    ...usesOf(of),
    ...all.filter(
      ({ f, process, call }) =>
        f === 'release' && process === of.process && call > of.call && call <= next(of),
    ),
  ];
  const lives = [
    ...granted.flatMap(signs),
    ...all.filter(({ f, outcome }) => f === 'acquire' && outcome === 'info'),
  ];
  return {
    'two holders': moments.some((moment) => granted.filter((of) => thinks(of, moment)).length > 1),
    'token does not grow': pairs.some(([a, b]) => a.return < b.call && token(b) <= token(a)),
    'token given twice': pairs.some(([a, b]) => token(a) === token(b)),
    'overtaken holder let in': letIn.some((a) =>
      letIn.some((b) => a.use.return < b.use.call && b.token < a.token),
    ),
    'lost lock': all.some(
      (refused) =>
        refused.f === 'acquire' &&
        refused.output === false &&
        lives
          .filter(({ callTime }) => callTime < refused.returnTime)
          .every(({ callTime, returnTime }) =>
            [0, callTime, Number.isFinite(returnTime) ? returnTime : 0].every(
              (time) => refused.callTime - time >= patienceMs * 1e6,
            ),
          ) &&
        refused.callTime >= patienceMs * 1e6,
    ),
  };
}

test('every kind of anomaly is found exactly where moments and pairs show it', () => {
  const word = fc.tuple(fc.nat(2), fc.constantFrom('a', 'u', 'u', 'u', 'u', 'r'), fc.nat(19), fc.nat(9));
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 40, size: 'max' }), (words) => {
      const open = new Map<number, string>();
      const text: string[] = [];
      let token = 0;
      const holding = new Set<number>();
      const dead = new Set<number>();
      for (const [process, call, fate, step] of words) {
        if (dead.has(process)) continue;
        const f = open.get(process);
        if (f === undefined) {
          // Mostly who has a lock uses it, and who has none asks for it.
          const asks = holding.has(process) || step === 9 ? call : 'a';
          if (asks !== 'u') holding.delete(process);
          open.set(process, asks);
          text.push(`${process}${asks}`);
          continue;
        }
        open.delete(process);
        if (fate === 0) text.push(`${process}!`);
        else if (fate === 1) {
          text.push(`${process}?`);
          dead.add(process);
        } else if (f === 'a' && fate < 15) {
          holding.add(process);
          token += step === 0 ? -1 : step === 1 ? 0 : 1;
          text.push(`${process}=${token}`);
        } else text.push(`${process}${f === 'a' || fate % 4 === 0 ? '-' : '+'}`);
      }
      const options = { patienceMs: 1500 };
      const { valid, anomalies } = judge(text.join(' '), options);
      const kinds = broken(history(text.join(' ')), options.patienceMs);
      for (const kind of Object.keys(kinds)) {
        expect([text.join(' '), kind, anomalies.some((found) => found.kind === kind)]).toEqual([
          text.join(' '),
          kind,
          kinds[kind],
        ]);
        seen.add(`${kind} ${kinds[kind]}`);
      }
      expect(valid).toBe(!Object.values(kinds).includes(true));
    }),
    { numRuns: runs(5000) },
  );
  expect(seen.size).toBe(10);
});
