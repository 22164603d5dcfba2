import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RT, RW, SO, WR, WW } from '../checkers/src/transactions/graph.ts';
import { nameCycle } from '../checkers/src/transactions/cycles.ts';
import { kindsInSources } from './anomaly-kinds.ts';
import { folderOf, judged, picturesOf, type Told } from './anomaly-pictures.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/reference/anomalies.md'), 'utf8');
const pictures = picturesOf(page);

test.each(pictures)('what $checker finds is told as the page on anomalies says: $said', async (picture) => {
  const { anomaly, sentence } = await judged(picture);
  expect(`*${anomaly.kind}:* ${sentence}`).toBe(picture.said);
});

test.each(pictures)(
  '$checker: every number and name in "$said" is one of the operations’',
  async (picture) => {
    expect(unexplained(await judged(picture))).toEqual([]);
  },
);

test('a wrong number in a sentence would be noticed', async () => {
  for (const told of await Promise.all(pictures.map(judged)))
    for (const { 0: digits, index } of told.sentence.matchAll(/\d+/g)) {
      const sentence = `${told.sentence.slice(0, index)}${Number(digits) + 7013}${told.sentence.slice(index + digits.length)}`;
      expect(unexplained({ ...told, sentence }), sentence).not.toEqual([]);
    }
});

const shownKinds = pictures.map(({ checker, said }) => {
  const kind = /^\*(.*?):\*/.exec(said)?.[1] ?? '';
  return `${folderOf(checker, kind)}: ${kind}`;
});

test('every anomaly that a checker can find is on the page', () => {
  const { kinds } = kindsInSources(join(root, 'checkers/src'));
  expect(kinds.length).toBeGreaterThan(60);
  const missing = kinds.filter((kind) => !shownKinds.some((one) => matches(kind, one)));
  // It takes more transactions than a picture holds, so the page says in words what it is.
  expect(page).toContain('is called *cycle*');
  expect(missing).toEqual(['monitor: cycle']);
});

test('what makes anomalies is found by what it does, and a kind that comes from elsewhere is looked for there', () => {
  const { makers, elsewhere } = kindsInSources(join(root, 'checkers/src'));
  expect(makers).toEqual(
    expect.arrayContaining(['anomaly 0', 'describeCycle 1', 'byAxioms 2', 'oddBalance 0', '#violation 0']),
  );
  expect(elsewhere).toEqual([
    // What broke an axiom, named where it was found.
    'causal/causal.ts: violation.kind',
    // The name of a circle, as the two at the end.
    'monitor/list-append.ts: kind',
    // A finding has the kind that it was found with.
    'transactions/findings.ts: kind',
    'transactions/list-append.ts: anomaly.name',
    'transactions/register-cycles.ts: cycle.name',
  ]);
});

test('every name of a circle of transactions is on the page', () => {
  const labels = [WW, WR, RW, SO, RT];
  const circles = [2, 3, 4].flatMap((length) =>
    Array.from({ length: labels.length ** length }, (_, n) =>
      Array.from(
        { length },
        (_step, i) => labels[Math.floor(n / labels.length ** i) % labels.length] as number,
      ),
    ),
  );
  const names = new Set(
    circles.map(
      (circle) => nameCycle(circle.map((label, i) => ({ from: i, to: (i + 1) % circle.length, label }))).name,
    ),
  );
  expect(names.size).toBe(15);
  // A circle is called by its shape, and by the strongest order that it leans on: each is shown at least once.
  const parts = (name: string) => /^(.*?)(?:-item)?(?:-(process|realtime))?$/.exec(name)?.slice(1) ?? [];
  const shown = new Set(shownKinds.flatMap((kind) => parts(kind.replace(/^.*?: /, ''))));
  expect([...names].flatMap(parts).filter((part) => part !== undefined && !shown.has(part))).toEqual([]);
});

/** `not *-atomic` is `not 2-atomic`. */
function matches(kind: string, shown: string): boolean {
  const [before, after] = kind.split('*');
  return after === undefined ? shown === kind : shown.startsWith(before as string) && shown.endsWith(after);
}

/**
 * What a sentence says and the operations do not: the clients, moments, stretches of time, transactions, values and
 * counts in it are looked up one after the other, and taken out of it; nothing with a digit may be left.
 */
function unexplained({ sentence, operations, history }: Told): string[] {
  const seconds = operations.flatMap(({ call, return: end }) => (end === undefined ? [call] : [call, end]));
  const apart = seconds.flatMap((a) => seconds.map((b) => Math.abs(a - b)));
  const clients = new Set([...history].map(({ process }) => String(process)));
  const drawnClients = new Set(operations.map(({ process }) => String(process)));
  const values = new Set(
    operations.flatMap(({ key, input, output, node }) =>
      numbersIn(JSON.stringify([key, input, output, node])),
    ),
  );
  const sums = sumsOf(
    operations.flatMap(({ f, input }) => (f === 'add' && typeof input === 'number' ? [input] : [])),
  );
  for (const { output } of operations)
    if (typeof output === 'object' && output !== null && !Array.isArray(output))
      sums.add(Object.values(output).reduce((sum: number, of) => sum + Number(of), 0));
  const rounded = (text: string, unit: number) =>
    apart.some(
      (gap) => Math.abs(gap / unit - Number(text)) <= 0.5 * 10 ** -(text.split('.')[1]?.length ?? 0) + 1e-6,
    );
  const facts: readonly (readonly [pattern: RegExp, holds: (...groups: string[]) => boolean])[] = [
    [/\b[Cc]lient (\d+)/g, (client) => drawnClients.has(client)],
    [/\bclients ([\d, and]+)/g, (all) => numbersIn(all).every((client) => clients.has(client))],
    [
      /\bT(\d+) \((?:client (\d+), )?([\d.]+) s\)/g,
      (id, client, at) => {
        const operation = operations.find((one) => one.id === Number(id));
        return (
          operation?.call.toFixed(3) === at && (client === undefined || operation.process === Number(client))
        );
      },
    ],
    [/\bT(\d+)\b/g, (id) => operations.some((operation) => operation.id === Number(id))],
    [/\b(\d+\.\d{3}) s\b/g, (at) => seconds.some((time) => time.toFixed(3) === at)],
    [/\b([\d.]+) ms\b/g, (ms) => rounded(ms, 1e-3)],
    [/\b(\d+\.\d{1,2}) s\b/g, (s) => rounded(s, 1)],
    [/\bnone of the (\d+) later reads/g, (n) => Number(n) <= history.length],
    [
      /\b(\d+) (?:operations|writes|reads|newer values|elements|dequeues)\b|\bother (\d+)\b/g,
      (n, m) => Number(n ?? m) <= operations.length,
    ],
    [/\b(\d+)(?:nd|st|rd|th) node/g, (n) => values.has(n)],
    [
      /\bthere (\d+) times|\bplaces? (\d+)(?: and (\d+))?|\blast (\d+) values|\bcomes to at (?:least|most) (\d+)|found (\d+) in all|first, found (\d+)/g,
      (...groups) =>
        groups
          .filter((group) => group !== undefined)
          .every((group) => Number(group) <= operations.length || sums.has(Number(group))),
    ],
    [/-?\d+/g, (value) => values.has(value)],
  ];
  let rest = sentence;
  const wrong: string[] = [];
  for (const [pattern, holds] of facts)
    rest = rest.replace(pattern, (...match: unknown[]) => {
      const groups = match.slice(
        1,
        match.findIndex((part) => typeof part === 'number'),
      ) as string[];
      const all = groups.length > 0 ? groups : [match[0] as string];
      if (!holds(...all)) wrong.push(match[0] as string);
      return ' ';
    });
  return wrong;
}

function numbersIn(text: string): string[] {
  return text.match(/-?\d+/g) ?? [];
}

function sumsOf(numbers: readonly number[]): Set<number> {
  return numbers.reduce(
    (sums, each) => new Set([...sums, ...[...sums].map((sum) => sum + each)]),
    new Set([0]),
  );
}
