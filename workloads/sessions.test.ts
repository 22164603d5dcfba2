import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import type { Reference } from './conformance/simulate.ts';
import sessions, { type SessionOps } from './sessions.ts';

/** Sessions that now and then show what they held before, or nothing. */
function store(flaw?: 'forgets' | 'goes back'): Reference<SessionOps> {
  const held = new Map<Key | undefined, number[]>();
  let reads = 0;
  return (key, f, input) => {
    const values = held.get(key) ?? [];
    held.set(key, values);
    if (f === 'write') return void values.push(input as number);
    const odd = ++reads % 100 === 0;
    if (flaw === 'forgets' && odd) return null;
    return values.at(flaw === 'goes back' && odd ? -2 : -1) ?? null;
  };
}

workloadConformance(sessions, {
  reference: () => store(),
  mistakes: {
    'forgets a session': () => store('forgets'),
    'goes back to an older one': () => store('goes back'),
  },
});

test('a share that makes no sense is refused', () => {
  expect(() => sessions.main({ write: 1 }, seeded(1))).toThrow(
    'workload sessions: write should be a share above 0, below 1',
  );
});
