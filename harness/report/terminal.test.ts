import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import * as golden from './golden/runs.ts';
import { verdictBlock } from './terminal.ts';

const plain = (run: golden.GoldenRun, width = 104) =>
  verdictBlock(run.plan, run.result, { colour: false, width });

test('a violation is a sentence, a figure and the lines to go on with', () => {
  expect(plain(golden.staleRead())).toBe(
    `
✗ toykv · register is not linearizable                                                            51.4 s

  Client 5 read x246 at 12.343 s and got 14, although client 24’s write of 15 had completed 196 ms
  earlier. n1 answered, 2.14 s into partition n1 | n2 n3 n4 n5. 2 of 256 keys show an anomaly.

      time    client 33 → n4    client 24 → n5    client 5 → n1    x246 can be
     9.383    write 14 ok                                          only 14
    10.200    ░░ partition n1 | n2 n3 n4 n5 ░░░░░░░░░░░░░░░░░░░
    12.138                      ┌ write 15                         14 or 15
    12.147                      └ ok                               only 15
    12.343                                        ┌ read           only 15
    12.345                                        └ 14  ✗

  ✗ linearizable  2 of 256 keys   ✓ sequential   ✓ causal   ✓ monotonic reads   ✓ monotonic writes
  ✓ read your writes   ✓ writes follow reads
  29,893 operations: 29,310 ok, 459 failed, 124 unknown. 8,071 overlapped a fault. 3 of 3 faults confirmed.

  report      results/2026-11-21T02-14-07-toykv-register-4711/index.html
  reproduce   npx labrys test toykv -w register --nemesis partition,pause,kill --seed 4711 --time 50s
  re-check    npx labrys check results/2026-11-21T02-14-07-toykv-register-4711`.trim(),
  );
});

test('a lost element is shown by what is known of it', () => {
  const block = plain(golden.lostElement());
  expect(block).toContain('broke its promise: no lost elements');
  expect(block).toMatch(/8\.431 +└ ok +only present/);
  expect(block).toContain('└ 900 elements, without 117  ✗');
});

test('colour adds nothing but colour', () => {
  const { plan, result } = golden.staleRead();
  const coloured = verdictBlock(plan, result, { colour: true, width: 104 });
  expect(coloured).not.toBe(plain(golden.staleRead()));
  expect(stripVTControlCharacters(coloured)).toBe(plain(golden.staleRead()));
});

test('a narrow terminal names the clients line by line, and cuts nothing but the sentence', () => {
  const block = plain(golden.staleRead(), 60);
  expect(block).toContain('12.345  client 5 → n1  └ 14  ✗');
  const prose = block.split('\n').slice(1, 6);
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(60);
});

test('what is undecided says why and which evidence is missing', () => {
  const block = plain(golden.undecided());
  expect(block).toContain('? toykv · register is undecided  the checker ran out of its 60 s on 1 of 40 keys');
  expect(block).toContain('? linearizable');
  expect(block).toContain('! a compare-and-set was refused: never, required at least once');
});

test('what could not run claims nothing about operations', () => {
  const block = plain(golden.couldNotRun());
  expect(block).toContain('! toykv · register could not run');
  expect(block).not.toContain('operations');
});

test('nothing that a node or a user said reaches the terminal as a control character', () => {
  const { plan, result } = golden.hostile();
  const lines = verdictBlock(plan, result, { colour: false, width: 100 }).split('\n');
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
