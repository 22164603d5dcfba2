import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { folderOf, judged, picturesOf, type Told } from './anomaly-pictures.ts';

const root = join(import.meta.dirname, '..');
const pictures = picturesOf(readFileSync(join(root, 'docs/reference/anomalies.md'), 'utf8'));

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

test('every anomaly that a checker can find is on the page', async () => {
  const shown = pictures.map(({ checker, said }) => {
    const kind = /^\*(.*?):\*/.exec(said)?.[1] ?? '';
    return `${folderOf(checker, kind)}: ${kind}`;
  });
  const found = kindsInSources();
  expect(found.length).toBeGreaterThan(60);
  expect(found.filter((kind) => !shown.some((one) => matches(kind, one)))).toEqual([]);
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

interface Tree {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The kinds of anomalies that stand in the sources of the checkers, with the folder that they stand in: `bank: wrong total`. */
function kindsInSources(): string[] {
  const sources = globSync('**/*.ts', { cwd: join(root, 'checkers/src') })
    .filter((file) => file.includes('/') && !/test|^(generate|format|cli|pool|models|table)\//.test(file))
    .map((file) => {
      const text = readFileSync(join(root, 'checkers/src', file), 'utf8');
      return { folder: file.split('/')[0] as string, tree: parseSync(file, text).program as unknown as Tree };
    });
  const kinds = sources.flatMap(({ folder, tree }) =>
    nodesOf(tree)
      .flatMap((node) => [...kindsOfObject(node), ...kindsOfCall(node)])
      .map((kind) => `${folder}: ${kind}`),
  );
  return [...new Set(kinds)];
}

/** `{ kind: 'stale read', operations, explanation }`. */
function kindsOfObject(node: Tree): string[] {
  if (node.type !== 'ObjectExpression') return [];
  const fields = new Map(
    (node['properties'] as Tree[]).flatMap((property) => {
      const key = property['key'] as Tree | undefined;
      return key === undefined ? [] : [[key['name'] as string, property['value'] as Tree] as const];
    }),
  );
  const kind = fields.get('kind');
  const isAnomaly = ['explanation', 'operations', 'transactions'].some((field) => fields.has(field));
  return kind !== undefined && isAnomaly ? textsOf(kind) : [];
}

/** What makes an anomaly of a kind, and at which place it takes it. */
const makers: Readonly<Record<string, number>> = {
  anomaly: 0,
  violation: 0,
  '#violation': 0,
  found: 0,
  describeCycle: 1,
  describeStale: 1,
  byAxioms: 2,
  oddBalance: 0,
};

/** `anomaly('duplicate id', …)`. */
function kindsOfCall(node: Tree): string[] {
  if (node.type !== 'CallExpression') return [];
  const callee = node['callee'] as Tree;
  const name = (callee.type === 'MemberExpression' ? (callee['property'] as Tree) : callee)['name'] as string;
  const property = callee.type === 'MemberExpression' ? (callee['property'] as Tree) : undefined;
  const place = makers[property?.type === 'PrivateIdentifier' ? `#${name}` : name];
  const given = place === undefined ? undefined : (node['arguments'] as Tree[])[place];
  return given === undefined ? [] : textsOf(given);
}

/** The texts that an expression can be, `*` where they have a hole. */
function textsOf(node: Tree): string[] {
  switch (node.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? [node['value']] : [];
    case 'TemplateLiteral':
      return [(node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('*')];
    case 'ConditionalExpression':
      return [node['consequent'], node['alternate']].flatMap((way) => textsOf(way as Tree));
    default:
      return [];
  }
}

function nodesOf(node: Tree): Tree[] {
  const children = Object.values(node)
    .flat()
    .filter((value): value is Tree => typeof (value as Tree | null)?.type === 'string');
  return [node, ...children.flatMap(nodesOf)];
}
