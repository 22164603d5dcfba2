import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { coordinatorDies, type Fate } from './testing/windows.ts';
import protocol from './two-phase-commit.ts';

const make = protocol({ options: {}, bug: undefined }) as unknown as MakeNode<Messages, Messages>;

/** Where in the protocol the coordinator dies for five seconds, and what becomes of n2 and n3 meanwhile. */
const windows: Record<
  string,
  { fate: Fate; decision: string[]; blocked: 'never' | 'until they have talked' | 'until it is back' }
> = {
  'before it has asked anybody': {
    fate: (step) => (step.does === 'call' && step.name === 'vote' ? 'dies' : undefined),
    decision: ['unknown', 'unknown'],
    blocked: 'never',
  },
  'when one has voted, and the other was not asked': {
    fate: (step) =>
      step.does === 'call' && step.name === 'vote' && step.to === 'n3' ? 'loses it and dies' : undefined,
    decision: ['abort', 'abort'],
    blocked: 'until they have talked',
  },
  'when all have voted, before its decision is on the disk': {
    fate: (step) => (step.does === 'write' && step.list === 'decisions' ? 'dies' : undefined),
    decision: ['abort', 'abort'],
    blocked: 'until it is back',
  },
  'when its decision is on the disk, before it has told anybody': {
    fate: (step) => (step.does === 'call' && step.name === 'decide' ? 'dies' : undefined),
    decision: ['commit', 'commit'],
    blocked: 'until it is back',
  },
  'when it has told one': {
    fate: (step) =>
      step.does === 'call' && step.name === 'decide' && step.to === 'n3' ? 'loses it and dies' : undefined,
    decision: ['commit', 'commit'],
    blocked: 'until they have talked',
  },
};

test.each(Object.keys(windows))('the coordinator dies %s', async (window) => {
  const { fate, decision, blocked } = windows[window] ?? expect.unreachable();
  const { inDoubtMs, decisions } = await coordinatorDies(make, fate);
  expect(decisions).toEqual(decision);
  const longest = Math.max(...inDoubtMs);
  if (process.env['LABRYS_SHOW']) console.log(window, inDoubtMs, decisions);
  if (blocked === 'never') expect(longest).toBe(0);
  else if (blocked === 'until they have talked') expect(longest).toBeLessThan(1_500);
  else expect(longest).toBeGreaterThan(4_900);
});
