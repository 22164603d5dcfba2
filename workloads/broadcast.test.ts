import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import broadcast, { type BroadcastOps } from './broadcast.ts';
import { workloadConformance } from './conformance/conformance.ts';
import type { Reference } from './conformance/simulate.ts';

/** Everybody hears everything at once. `hears` says whether the n-th message is heard at all. */
function everybodyHears(hears: (n: number) => boolean = () => true): Reference<BroadcastOps> {
  const topics = new Map<Key | undefined, number[]>();
  let told = 0;
  return (key, f, input) => {
    const heard = topics.get(key) ?? [];
    topics.set(key, heard);
    if (f === 'read') return [...heard];
    if (hears(++told)) heard.push(input as number);
    return undefined;
  };
}

/** One read in so many misses the latest message: whoever reads it is behind the others for ever. */
function readsMiss(): Reference<BroadcastOps> {
  const object = everybodyHears();
  let reads = 0;
  return (key, f, input) => {
    const output = object(key, f, input);
    return f === 'read' && ++reads % 2 === 0 ? (output as number[]).slice(0, -1) : output;
  };
}

workloadConformance(broadcast, {
  reference: () => everybodyHears(),
  mistakes: {
    'a message is never heard': () => everybodyHears((n) => n !== 100),
    'some nodes hear less than others': readsMiss,
  },
});

test('options that make no sense are refused, every reason at once', () => {
  expect(() => broadcast.main({ topics: 0, read: 2, within: -1 }, seeded(1))).toThrow(
    'workload broadcast: topics should be a whole number from 1; read should be a share from 0 to 1; within should be a number of milliseconds from 0',
  );
});
