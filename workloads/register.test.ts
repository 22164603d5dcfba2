import * as fc from 'fast-check';
import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import { generatorOf, simulate, type Reference } from './conformance/simulate.ts';
import register, { type RegisterOps, type RegisterOptions } from './register.ts';

function registers(): Reference<RegisterOps> {
  const values = new Map<Key | undefined, number>();
  return (key, f, input) => {
    const value = values.get(key) ?? null;
    if (f === 'read') return value;
    if (f === 'write') return void values.set(key, input as number);
    const [from, to] = input as readonly [number, number];
    if (from === value) values.set(key, to);
    return from === value;
  };
}

/** Every fiftieth read answers what the register held before. */
function stale(): Reference<RegisterOps> {
  const object = registers();
  const before = new Map<Key | undefined, unknown>();
  let reads = 0;
  return (key, f, input) => {
    const now = object(key, 'read', undefined);
    if (f === 'read') return ++reads % 50 === 0 ? (before.get(key) ?? now) : now;
    const answer = object(key, f, input);
    if (object(key, 'read', undefined) !== now) before.set(key, now);
    return answer;
  };
}

/** Every fiftieth write is acknowledged and forgotten. */
function forgetful(): Reference<RegisterOps> {
  const object = registers();
  let writes = 0;
  return (key, f, input) => (f === 'write' && ++writes % 50 === 0 ? undefined : object(key, f, input));
}

/** A compare-and-set that is refused swaps all the same. */
function careless(): Reference<RegisterOps> {
  const object = registers();
  return (key, f, input) => {
    const answer = object(key, f, input);
    if (f === 'cas' && answer === false) object(key, 'write', (input as readonly [number, number])[1]);
    return answer;
  };
}

const mistakes = { stale, forgetful, careless };
workloadConformance(register, { reference: registers, mistakes });
workloadConformance(register, { options: { values: 'small', keys: 4 }, reference: registers, mistakes });

// A stale answer is allowed there, but not to a client that has seen a newer one.
const sequential = { level: 'sequential' as const, keys: 3 };
workloadConformance(register, { options: sequential, reference: registers, mistakes: { stale, careless } });

const options = fc.record({
  keys: fc.integer({ min: 1, max: 30 }),
  zipf: fc.double({ min: 0, max: 2, noNaN: true }),
  perKey: fc.integer({ min: 1, max: 100 }),
});

function asked(seed: number, some: Partial<RegisterOptions>, operations = 1000) {
  const all = { ...register.defaults, ...some };
  const settings = { seed, operations, clients: 6, lost: 0.05, reads: register.reads };
  return simulate(register.main(all, seeded(seed)), registers(), settings).filter(
    ({ type }) => type === 'invoke',
  );
}

test('no value is ever proposed twice, whatever the keys', () => {
  fc.assert(
    fc.property(fc.integer(), options, (seed, some) => {
      const proposed = asked(seed, some).flatMap(({ f, value }) =>
        f === 'write' ? [value] : f === 'cas' ? [(value as readonly [number, number])[1]] : [],
      );
      expect(new Set(proposed).size).toBe(proposed.length);
    }),
    { numRuns: 50 },
  );
});

test('no key is asked for more often than twice its usual lifetime, but for reads long after', () => {
  fc.assert(
    fc.property(fc.integer(), options, (seed, some) => {
      const changes = new Map<unknown, number>();
      for (const { f, key } of asked(seed, some))
        if (f !== 'read') changes.set(key, (changes.get(key) ?? 0) + 1);
      for (const times of changes.values())
        expect(times).toBeLessThanOrEqual(Math.max(1, 1.5 * some.perKey + 1));
    }),
    { numRuns: 50 },
  );
});

test('keys are named from 0 without gaps, so that the final phase finds them all', () => {
  const object = registers();
  const settings = { seed: 3, operations: 4000, clients: 6, lost: 0.05, reads: register.reads };
  const main = simulate(register.main(register.defaults, seeded(3)), object, settings);
  const written = new Set(main.flatMap(({ f, key, type }) => (f === 'write' && type === 'ok' ? [key] : [])));
  const final = simulate(generatorOf(register.final!(register.defaults, seeded(3))), object, {
    ...settings,
    lost: 0,
  });
  for (const node of ['n1', 'n2', 'n3']) {
    const read = new Set(final.filter((event) => event.node === node).map(({ key }) => key));
    expect(written.difference(read)).toEqual(new Set());
  }
  expect(written.size).toBeGreaterThan(10);
});

test('the first key is asked for more than the last, as Zipf says', () => {
  const counts = new Map<unknown, number>();
  for (const { key } of asked(1, { keys: 10, zipf: 1, perKey: 1e9 }, 20_000))
    counts.set(key, (counts.get(key) ?? 0) + 1);
  const ratio = (counts.get('x0') ?? 0) / (counts.get('x9') ?? 1);
  expect(ratio).toBeGreaterThan(8);
  expect(ratio).toBeLessThan(12);
});

test('the mix is what was asked for, and compare-and-sets go both ways', () => {
  const settings = { seed: 9, operations: 20_000, clients: 15, lost: 0, reads: register.reads };
  const events = simulate(register.main(register.defaults, seeded(9)), registers(), settings);
  const share = (f: string): number =>
    events.filter((event) => event.f === f && event.type === 'ok').length / 20_000;
  expect(share('read')).toBeCloseTo(0.5, 1);
  expect(share('write')).toBeCloseTo(0.3, 1);
  expect(share('cas')).toBeCloseTo(0.2, 1);
  const answers = events.filter(({ f, type }) => f === 'cas' && type === 'ok').map(({ value }) => value);
  const swapped = answers.filter(Boolean).length / answers.length;
  expect(swapped).toBeGreaterThan(0.3);
  expect(swapped).toBeLessThan(0.9);
});

test('options that make no sense are refused, every reason at once', () => {
  const wrong = { ...register.defaults, keys: 0, zipf: -1, read: 0, write: 0, cas: 0 };
  expect(() => register.main(wrong, seeded(1))).toThrow(
    'workload register: keys should be a whole number from 1; zipf should be a number from 0; read, write and cas should be numbers from 0, and not all 0',
  );
});
