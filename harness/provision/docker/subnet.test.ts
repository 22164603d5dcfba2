import fc from 'fast-check';
import { expect, test } from 'vitest';
import { host, overlap, subnetsFor } from './subnet.ts';

const subnet = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 32 }))
  .map(([a, b, c, d, length]) => `${a}.${b}.${c}.${d}/${length}`);

test('no subnet that is offered overlaps one that is taken', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(subnet, { maxLength: 5 }), (run, taken) => {
      for (const offered of subnetsFor(run, taken))
        for (const other of taken) expect(overlap(offered, other)).toBe(false);
    }),
  );
});

test('a subnet overlaps itself, and what contains it, and nothing beside it', () => {
  expect(overlap('198.18.7.0/24', '198.18.7.0/24')).toBe(true);
  expect(overlap('198.18.7.0/24', '198.18.0.0/15')).toBe(true);
  expect(overlap('198.18.7.0/24', '198.18.7.130/32')).toBe(true);
  expect(overlap('198.18.7.0/24', '198.18.8.0/24')).toBe(false);
  expect(overlap('10.0.0.0/8', '11.0.0.0/8')).toBe(false);
});

test('a run is always offered the same subnets, another run others', () => {
  expect(subnetsFor('a', [])).toEqual(subnetsFor('a', []));
  expect(subnetsFor('a', [])[0]).not.toBe(subnetsFor('b', [])[0]);
  expect(new Set(subnetsFor('a', [], 512)).size).toBe(512);
});

test('hosts are numbered inside their subnet', () => {
  expect(host('198.18.7.0/24', 11)).toBe('198.18.7.11');
});
