import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import { coordinatorDies, type Fate } from '../two-phase-commit/testing/windows.ts';
import museum from './museum.ts';
import system from './system.ts';
import protocol from './three-phase-commit.ts';

museumConformance(system, museum);

const make = protocol({ options: {}, bug: undefined }) as unknown as MakeNode<Messages, Messages>;

const call =
  (name: string, to: string, how: ReturnType<Fate>): Fate =>
  (step) =>
    step.does === 'call' && step.name === name && step.to === to ? how : undefined;

/** Where in the protocol the coordinator dies for five seconds, and what n2 and n3 decide, long before it is back. */
const windows: Record<string, { readonly fate: Fate; readonly decision: string }> = {
  'before it has asked anybody': { fate: call('vote', 'n2', 'dies'), decision: 'unknown' },
  'when one has voted, and the other was not asked': {
    fate: call('vote', 'n3', 'loses it and dies'),
    decision: 'abort',
  },
  'when all have voted': { fate: call('precommit', 'n2', 'dies'), decision: 'abort' },
  'when one has the preCommit': { fate: call('precommit', 'n3', 'loses it and dies'), decision: 'commit' },
  'when all have the preCommit': { fate: call('decide', 'n2', 'dies'), decision: 'commit' },
  'when it has told one': { fate: call('decide', 'n3', 'loses it and dies'), decision: 'commit' },
};

test.each(Object.keys(windows))('the others do not wait for a coordinator that dies %s', async (window) => {
  const { fate, decision } = windows[window] ?? expect.unreachable();
  const { inDoubtMs, decisions } = await coordinatorDies(make, fate);
  if (process.env['LABRYS_SHOW']) console.log(window, inDoubtMs, decisions);
  expect(decisions).toEqual([decision, decision]);
  expect(Math.max(...inDoubtMs)).toBeLessThan(2_500);
});
