import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { History, HistoryEvent } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { atomicCommit } from './atomic-commit.ts';

/**
 * Operations one after the other, a second each, about one transaction that writes 5:
 *
 * - `T=commit`, `T=abort`, `T=?` (no answer), `T=!` (did not happen); `T2=…` where the second node votes no;
 * - `n1:commit/5`, `n2:prepared`: what a node says, and what it has; `n1~…` the same, once the faults are healed;
 * - `n9:unknown` to pass the time.
 */
function transactions(text: string): History {
  const events: HistoryEvent[] = [];
  for (const [process, word] of text.split(' ').filter(Boolean).entries()) {
    const [, who = '', mark = '', state = '', value] =
      /^([^=:~]+)([=:~])([a-z?!]+)(?:\/(\d+))?$/.exec(word) ?? [];
    const f = mark === '=' ? 'transact' : mark === ':' ? 'outcome' : 'settled';
    const asks = { process, key: 'x', f, ...(f !== 'transact' && { node: who }) };
    const tell = (type: HistoryEvent['type'], output?: unknown): void => {
      const [index, time] = [events.length, events.length * 5e8];
      events.push({
        ...asks,
        index,
        time,
        type,
        ...(output !== undefined && { value: output }),
      } as HistoryEvent);
    };
    tell('invoke', f === 'transact' ? [5, who === 'T' ? null : Number(who.slice(1))] : undefined);
    if (state === '!') tell('fail');
    else if (state === '?') tell('info');
    else tell('ok', f === 'transact' ? state : [state, value === undefined ? null : Number(value)]);
  }
  return tabulate(events).history;
}

const judge = (history: History): Verdict => atomicCommit().check(history, plenty()) as Verdict;

test.each([
  ['T=commit n1:prepared n2:commit/5 n1:commit/5', true, []],
  ['T=abort n1:abort n2:unknown', true, []],
  ['T=? n1:prepared n1:commit/5', true, []],
  ['T=commit n1:abort', false, [{ kind: 'split decision', operations: [0, 1] }]],
  ['T=? n1:abort n2:commit/5', false, [{ kind: 'split decision', operations: [1, 2] }]],
  [
    'T=? n1:abort n1:commit/5',
    false,
    [{ kind: 'split decision' }, { kind: 'reversed decision', operations: [1, 2] }],
  ],
  ['T2=commit', false, [{ kind: 'commit against a no vote', operations: [0] }]],
  ['T2=? n3:commit/5', false, [{ kind: 'commit against a no vote', operations: [0, 1] }]],
  ['T2=? n3:prepared/5', false, [{ kind: 'commit against a no vote', operations: [0, 1] }]],
  ['T=! n3:commit/5', false, [{ kind: 'commit of what was refused', operations: [0, 1] }]],
  ['n3:commit/5', false, [{ kind: 'decision from nowhere', operations: [0] }]],
  ['T=commit n1:commit', false, [{ kind: 'lost effect', operations: [1] }]],
  ['T=commit n1:commit/6', false, [{ kind: 'wrong effect', operations: [0, 1] }]],
  ['T=abort n1:abort/5', false, [{ kind: 'effect of an aborted transaction', operations: [1] }]],
  ['T=abort n1:prepared/5', false, [{ kind: 'effect of an aborted transaction', operations: [0, 1] }]],
  ['T=? n1~prepared n9:unknown n9:unknown n9:unknown n1~prepared', true, []],
  [
    'T=? n1~prepared n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n1~prepared',
    false,
    [{ kind: 'in doubt for ever', operations: [1, 9] }],
  ],
  [
    'T=commit n1~unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n1~unknown',
    false,
    [{ kind: 'in doubt for ever', operations: [0, 1, 9] }],
  ],
  [
    'T=? n1~unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n9:unknown n1~unknown',
    true,
    [],
  ],
])('%s', (text, valid, anomalies) => {
  const verdict = judge(transactions(text));
  expect(verdict).toMatchObject({ valid, anomalies });
});

test('every sentence says who, what and when', () => {
  const said = (text: string) => judge(transactions(text)).anomalies.map(({ explanation }) => explanation);
  expect(said('T=commit n1:abort')).toEqual([
    'x was decided both ways: client 0 was told commit at 0.500 s, and n1 said abort to client 1 at 1.500 s.',
  ]);
  expect(said('T12=commit')).toEqual([
    'Client 0 was told commit at 0.500 s about x, though the 12th node votes no.',
  ]);
  expect(said('T=commit n2:commit')).toEqual([
    'n2 said commit to client 1 at 1.500 s about x, and has nothing of what that wrote.',
  ]);
});

test('where everything is aborted after the healing, though all could agree, nothing is proven', () => {
  const late = (answer: string): History => {
    const first = { process: 0, key: 'x' };
    const then = { process: 1, key: 'y' };
    return tabulate([
      { ...first, index: 0, time: 0, type: 'invoke', f: 'settled', node: 'n1' },
      { ...first, index: 1, time: 1, type: 'ok', f: 'settled', value: ['unknown', null] },
      { ...then, index: 2, time: 2, type: 'invoke', f: 'transact', value: [5, null] },
      { ...then, index: 3, time: 3, type: 'ok', f: 'transact', value: answer },
    ]).history;
  };
  expect(judge(late('commit'))).toMatchObject({ valid: true });
  const verdict = judge(late('abort'));
  expect(verdict).toMatchObject({ valid: 'unknown', anomalies: [] });
  expect(verdict.because).toBe(
    'none of 1 transactions that all nodes could agree to was committed after the faults had healed; leave more time after the healing',
  );
});

test('how long a node was seen in doubt is told, by what it waited for', () => {
  expect(
    judge(transactions('T=? n1:prepared n2:prepared n1:prepared n1:abort n2:abort')).facts,
  ).toMatchObject({
    'in doubt': 2,
    'in doubt, longest ms': 2500,
    'in doubt, longest ms, until an abort': 2500,
    'in doubt, longest ms, until a commit': 0,
    'in doubt, longest ms, while another node knew': 0,
  });
  expect(judge(transactions('T=? n1:prepared n2:commit/5 n1:prepared n1:commit/5')).facts).toMatchObject({
    'in doubt, longest ms, while another node knew': 2500,
  });
});

/** Is there any decision, for the one transaction, that explains all that was told? Each is tried. */
function explicable(text: string): boolean {
  const words = text.split(' ').filter(Boolean);
  const asked = words.filter((word) => word.startsWith('T') && !word.endsWith('!'));
  const mayCommit = asked.length > 0 && asked.every((word) => word.startsWith('T='));
  return ['commit', 'abort'].some((decision) => {
    if (decision === 'commit' && !mayCommit) return false;
    return words.every((word) => {
      const [who = '', state = ''] = word.split(/[=:~]/);
      const [says = '', has] = state.split('/');
      if (who.startsWith('T')) return says === '?' || says === '!' || says === decision;
      if (says === 'commit') return decision === 'commit' && has === '5';
      if (says === 'abort') return decision === 'abort' && has === undefined;
      return has === undefined || (decision === 'commit' && has === '5');
    });
  });
}

test('what no decision explains is a violation, and nothing else is', () => {
  const node = fc
    .tuple(
      fc.constantFrom('n1', 'n2', 'n3'),
      fc.constantFrom(
        'unknown',
        'prepared',
        'commit/5',
        'commit/5',
        'commit/5',
        'abort',
        'abort',
        'commit',
        'commit/6',
        'abort/5',
        'prepared/5',
      ),
    )
    .map(([who, state]) => `${who}:${state}`);
  const asks = fc.constantFrom(
    'T=commit',
    'T=commit',
    'T=abort',
    'T=?',
    'T=?',
    'T=!',
    'T2=abort',
    'T2=?',
    'T2=commit',
    '',
  );
  const answers = new Set<boolean>();
  fc.assert(
    fc.property(asks, fc.array(node, { maxLength: 4 }), (first, then) => {
      const text = [first, ...then].join(' ');
      const { valid } = judge(transactions(text));
      answers.add(valid === true);
      expect([text, valid]).toEqual([text, explicable(text)]);
    }),
    { numRuns: runs(1000) },
  );
  expect(answers.size).toBe(2);
});

test('an anomaly holds by itself, and whatever is added to a broken history leaves it broken', () => {
  const word = fc.constantFrom(
    'T=commit',
    'T2=?',
    'n1:commit/5',
    'n2:abort',
    'n3:prepared',
    'n2:abort/5',
    'n1:commit',
    'n3:unknown',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      const first = words.findIndex((it) => it.startsWith('T'));
      const kept = words.filter((it, i) => !it.startsWith('T') || i === first);
      for (const { operations } of judge(transactions(kept.join(' '))).anomalies) {
        const alone = operations.map((id) => kept[id]).join(' ');
        expect([alone, judge(transactions(alone)).valid]).toEqual([alone, false]);
      }
    }),
    { numRuns: runs(300) },
  );
});
