import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishedPorts } from './ports.ts';

const ports = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.integer({ min: 1, max: 65_535 }), {
  minKeys: 1,
  maxKeys: 5,
});

test('no two ports of a run are published at the same place, and none where outgoing connections live', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 240 }),
      ports,
      fc.integer({ min: 1, max: 5 }),
      (run, nodes, by, attempt) => {
        const all = Array.from({ length: nodes }, (_, i) => [
          ...publishedPorts(run, i + 1, by, attempt).values(),
        ]).flat();
        expect(new Set(all).size).toBe(all.length);
        expect(all.every((port) => port >= 20_000 && port < 32_000)).toBe(true);
      },
    ),
  );
});

test('every attempt tries others, and each port of a node is published', () => {
  const by = { client: 2379, peer: 2380, metrics: 2379 };
  expect([...publishedPorts('r', 1, by, 1).keys()]).toEqual([2379, 2380]);
  expect(publishedPorts('r', 1, by, 2).get(2379)).not.toBe(publishedPorts('r', 1, by, 1).get(2379));
});
