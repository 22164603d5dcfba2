import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { CLIENTS, type Link } from '../harness/runtime.ts';
import { leavesMajority, majorityOf } from '../harness/quorum.ts';
import { allLinks, drawShape, type ShapeName } from './shapes.ts';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `n${i + 1}`);
const sized = (min: number): fc.Arbitrary<readonly [nodes: string[], seed: number]> =>
  fc.tuple(fc.integer({ min, max: 9 }).map(names), fc.integer());

function draw(name: ShapeName, nodes: readonly string[], seed: number, leader?: string) {
  const shape = drawShape(name, nodes, leader, seeded(seed));
  if (shape === undefined) throw new Error(`no ${name} of ${nodes.length}`);
  const cut = new Set(shape.cut.map(({ from, to }) => `${from} ${to}`));
  return { ...shape, hears: (to: string, from: string): boolean => to === from || !cut.has(`${from} ${to}`) };
}

/** Holds of the shape over any number of nodes from `min`, whatever the seed. */
function always(
  name: ShapeName,
  min: number,
  holds: (shape: ReturnType<typeof draw>, nodes: readonly string[]) => void,
): void {
  fc.assert(
    fc.property(sized(min), ([nodes, seed]) => {
      holds(draw(name, nodes, seed, nodes.at(-1)), nodes);
    }),
  );
}

const shapes: readonly [ShapeName, number][] = [
  ['halves', 2],
  ['one', 2],
  ['majority', 3],
  ['majorities-ring', 3],
  ['bridge', 3],
  ['leader', 2],
  ['one-way', 2],
  ['clients', 2],
];

test.each(shapes)('%s: cuts something, nothing twice, and only links that there are', (name, min) => {
  always(name, min, ({ cut }, nodes) => {
    const links = new Set(allLinks(name === 'clients' ? [...nodes, CLIENTS] : nodes).map(asText));
    expect(cut.length).toBeGreaterThan(0);
    expect(new Set(cut.map(asText)).size).toBe(cut.length);
    for (const link of cut) expect(links.has(asText(link))).toBe(true);
  });
});

test.each(shapes)('%s: whoever was not hit keeps hearing all others that were not', (name, min) => {
  always(name, min, ({ hit, hears }, nodes) => {
    const rest = nodes.filter((node) => !hit.includes(node));
    for (const a of rest) for (const b of rest) expect(hears(a, b)).toBe(true);
  });
});

test.each(shapes)('%s: whoever was hit no longer hears somebody, or is not heard', (name, min) => {
  always(name, min, ({ hit, cut }) => {
    expect(hit.length).toBeGreaterThan(0);
    for (const node of hit) expect(cut.some(({ from, to }) => from === node || to === node)).toBe(true);
  });
});

test.each(['halves', 'one', 'majority', 'bridge', 'leader'] as const)('%s: cuts both ways', (name) => {
  always(name, 3, ({ cut }) => {
    const texts = new Set(cut.map(asText));
    for (const { from, to } of cut) expect(texts.has(asText({ from: to, to: from }))).toBe(true);
  });
});

test('halves: the sides differ by one node at most', () => {
  always('halves', 2, ({ hit }, nodes) => {
    expect(hit.length).toBe(Math.floor(nodes.length / 2));
  });
});

test('one: one node is alone', () => {
  always('one', 2, ({ hit, cut }, nodes) => {
    expect(hit.length).toBe(1);
    expect(cut.length).toBe(2 * (nodes.length - 1));
  });
});

test('leader: the leader is alone', () => {
  always('leader', 2, ({ hit, cut }, nodes) => {
    expect(hit).toEqual([nodes.at(-1)]);
    expect(cut.length).toBe(2 * (nodes.length - 1));
  });
});

test('majority: a majority keeps together', () => {
  always('majority', 3, ({ hit, cut }, nodes) => {
    expect(nodes.length - hit.length).toBeGreaterThanOrEqual(majorityOf(nodes.length));
    expect(leavesMajority(nodes, cut, new Set())).toBe(true);
  });
});

test('majorities-ring: every node hears a majority, and no two the same one', () => {
  always('majorities-ring', 3, ({ hears }, nodes) => {
    const heard = nodes.map((to) => nodes.filter((from) => hears(to, from)));
    for (const some of heard) expect(some.length).toBe(majorityOf(nodes.length));
    expect(new Set(heard.map((some) => some.join())).size).toBe(nodes.length);
  });
});

test('bridge: one node speaks to all, and nobody else across', () => {
  always('bridge', 3, ({ hears }, nodes) => {
    const across = nodes.filter((node) => nodes.every((other) => hears(node, other) && hears(other, node)));
    expect(across.length).toBe(1);
    const sides = new Set(nodes.map((node) => nodes.filter((other) => hears(node, other)).join()));
    expect(sides.size).toBe(3);
  });
});

test('one-way: every cut is in one direction, and all in the same', () => {
  always('one-way', 2, ({ cut, hit }, nodes) => {
    const [from, to] = [new Set(cut.map((link) => link.from)), new Set(cut.map((link) => link.to))];
    expect(from.intersection(to).size).toBe(0);
    expect(cut.length).toBe(hit.length * (nodes.length - hit.length));
  });
});

test('one-way cuts are drawn in both directions', () => {
  const deaf = Array.from({ length: 50 }, (_, seed) => {
    const { cut, hit } = draw('one-way', names(5), seed);
    return hit.includes(cut[0]?.to ?? '');
  });
  expect(new Set(deaf).size).toBe(2);
});

test('shapes that need more nodes than there are, or a leader, are not drawn', () => {
  expect(drawShape('bridge', names(2), undefined, seeded(1))).toBeUndefined();
  expect(drawShape('majorities-ring', names(2), undefined, seeded(1))).toBeUndefined();
  expect(drawShape('halves', names(1), undefined, seeded(1))).toBeUndefined();
  expect(drawShape('leader', names(5), undefined, seeded(1))).toBeUndefined();
});

test('a majority that is left is one of nodes that are up and hear each other', () => {
  const nodes = names(5);
  const { cut } = draw('one', nodes, 1);
  const alone = cut[0]?.from ?? '';
  const others = nodes.filter((node) => node !== alone);
  expect(leavesMajority(nodes, cut, new Set())).toBe(true);
  expect(leavesMajority(nodes, cut, new Set(others.slice(0, 1)))).toBe(true);
  expect(leavesMajority(nodes, cut, new Set(others.slice(0, 2)))).toBe(false);
  expect(leavesMajority(nodes, allLinks(nodes), new Set())).toBe(false);
});

function asText({ from, to }: Link): string {
  return `${from} ${to}`;
}
