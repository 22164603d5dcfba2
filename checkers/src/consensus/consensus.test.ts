import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { History, HistoryEvent } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { consensus } from './consensus.ts';

/** Operations one after the other: `1=2` proposes 1 and is told 2, `1=?` is told nothing, `1=!` is refused, `n1:2` has learned 2, `n1:-` nothing. */
function history(text: string): History {
  const events: HistoryEvent[] = [];
  for (const [process, word] of text.split(' ').filter(Boolean).entries()) {
    const [who = '', answer = ''] = word.split(/[=:]/);
    const proposes = word.includes('=');
    const asks = { process, key: 'x', f: proposes ? 'propose' : 'learned', node: proposes ? 'n9' : who };
    const tell = (type: HistoryEvent['type'], more: object): void => {
      const [index, time] = [events.length, events.length * 5e8];
      events.push({ ...asks, index, time, type, ...more } as HistoryEvent);
    };
    tell('invoke', proposes ? { value: Number(who) } : {});
    if (answer === '?') tell('info', {});
    else if (answer === '!') tell('fail', {});
    else tell('ok', { value: answer === '-' ? null : Number(answer) });
  }
  return tabulate(events).history;
}

const judge = (text: string): Verdict => consensus().check(history(text), plenty()) as Verdict;

test.each([
  ['1=1 2=1 n1:1 n2:- n2:1', true, []],
  ['1=? 2=1 n1:1', true, []],
  ['1=1 2=2', false, [{ kind: 'disagreement', operations: [0, 1] }]],
  ['1=? 2=2 n1:1', false, [{ kind: 'disagreement', operations: [1, 2] }]],
  ['1=? 2=? n1:1 n1:2', false, [{ kind: 'disagreement' }, { kind: 'decided twice', operations: [2, 3] }]],
  ['1=3', false, [{ kind: 'decision that nobody proposed', operations: [0] }]],
  ['1=! n1:1', false, [{ kind: 'decision that nobody proposed', operations: [0, 1] }]],
  ['n1:1 1=1', false, [{ kind: 'decision that nobody proposed', operations: [0, 1] }]],
])('%s', (text, valid, anomalies) => {
  expect(judge(text)).toMatchObject({ valid, anomalies });
});

test('every sentence says who, what and when', () => {
  expect(judge('1=1 2=2').anomalies[0]?.explanation).toBe(
    'Two values were decided for x: client 0 was told 1 at 0.500 s, and client 1 was told 2 at 1.500 s.',
  );
  expect(judge('n1:7').anomalies[0]?.explanation).toBe(
    'For x, n1 told client 0 7 at 0.500 s, which nobody had proposed.',
  );
});

/** Is there one value that may have been decided and that everybody was told? Each is tried. */
function explicable(text: string): boolean {
  const words = text.split(' ').filter(Boolean);
  return [1, 2, 3].some((value) => {
    const from = words.findIndex((word) => word.startsWith(`${value}=`) && !word.endsWith('!'));
    return words.every((word, i) => {
      const answer = word.split(/[=:]/)[1] ?? '';
      return ['?', '!', '-'].includes(answer) || (answer === String(value) && from >= 0 && from <= i);
    });
  });
}

test('what no decision explains is a violation, and nothing else is', () => {
  const answer = fc.constantFrom('1', '1', '1', '2', '3', '?', '!');
  const proposal = fc.tuple(fc.constantFrom(1, 2, 3), answer).map(([value, told]) => `${value}=${told}`);
  const learned = fc
    .tuple(fc.constantFrom('n1', 'n2'), fc.constantFrom('1', '1', '2', '-'))
    .map((it) => it.join(':'));
  const answers = new Set<boolean>();
  fc.assert(
    fc.property(
      fc.uniqueArray(proposal, { maxLength: 3, selector: (word) => word[0] }),
      fc.array(learned, { maxLength: 3 }),
      fc.nat(3),
      (proposals, then, at) => {
        const text = [...proposals.slice(0, at), ...then, ...proposals.slice(at)].join(' ');
        const { valid } = judge(text);
        answers.add(valid === true);
        expect([text, valid]).toEqual([text, explicable(text)]);
      },
    ),
    { numRuns: runs(1000) },
  );
  expect(answers.size).toBe(2);
});
