import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import { simulate, type Reference } from './conformance/simulate.ts';
import lock, { type LockOps } from './lock.ts';

interface Flaws {
  /** What an acquire does that finds the lock taken; nothing: it is refused. */
  readonly barges?: boolean;
  readonly forgetsTokens?: boolean;
  readonly letsAnybodyIn?: boolean;
  readonly never?: boolean;
}

/** Locks that are free again after so many refusals since they were last used, as if by a lease. */
function locks({ barges, forgetsTokens, letsAnybodyIn, never }: Flaws = {}): Reference<LockOps> {
  const held = new Map<Key | undefined, { readonly token: number; refusals: number }>();
  const largest = new Map<Key | undefined, number>();
  const tokens = new Map<Key | undefined, number>();
  let asked = 0;
  return (key, f, input) => {
    asked++;
    const holder = held.get(key);
    if (f === 'use') {
      if (holder && holder.token === input) holder.refusals = 0;
      if (!letsAnybodyIn && (input as number) < (largest.get(key) ?? 0)) return false;
      largest.set(key, input as number);
      return true;
    }
    if (f === 'release') {
      if (holder?.token !== input) return false;
      held.delete(key);
      return true;
    }
    const barge = barges === true && asked % 10 === 0;
    if (holder !== undefined && !barge && (never || ++holder.refusals < 7)) return false;
    const token = (tokens.get(key) ?? 0) + (forgetsTokens && asked % 50 === 0 ? 0 : 1);
    tokens.set(key, token);
    held.set(key, { token, refusals: 0 });
    return [token, null];
  };
}

const fenced = { promise: 'fencing', stalls: 0.1, stall: 2000, deaths: 0 } as const;

workloadConformance(lock, {
  options: { deaths: 0.02, hold: 12 },
  reference: () => locks(),
  mistakes: {
    'takes the lock from whoever has it': () => locks({ barges: true }),
    'gives the same token again': () => locks({ forgetsTokens: true }),
    'nobody gets what a dead holder had': () => locks({ never: true }),
  },
});

workloadConformance(lock, {
  options: fenced,
  reference: () => locks({ barges: true }),
  mistakes: { 'lets in whoever has been overtaken': () => locks({ barges: true, letsAnybodyIn: true }) },
});

test('nobody uses or releases what it does not hold, and whoever is awake heeds its lease', () => {
  const leases: Reference<LockOps> = (_, f) => (f === 'acquire' ? [1, 40] : true);
  const settings = { seed: 3, operations: 5000, clients: 8, lost: 0, reads: [] };
  const events = simulate(lock.main({ ...lock.defaults, hold: 20 }, seeded(3)), leases, settings);
  const since = new Map<number, number>();
  let uses = 0;
  for (const { process, f, type, time } of events) {
    if (f === 'acquire' && type === 'invoke') since.set(process, time);
    if (f !== 'use' || type !== 'invoke') continue;
    uses++;
    expect(time - (since.get(process) ?? -Infinity)).toBeLessThan(40e6);
  }
  expect(uses).toBeGreaterThan(500);
});

test('options that make no sense are refused, every reason at once', () => {
  const wrong = { ...lock.defaults, locks: 0, hold: -1, deaths: 2, promise: 'luck' as 'fencing' };
  expect(() => lock.main(wrong, seeded(1))).toThrow(
    'workload lock: locks should be a whole number from 1; hold and stall should be milliseconds from 0; deaths and stalls should be shares from 0, and at most 1 together; promise should be exclusion or fencing',
  );
});
