import { expect, test } from 'vitest';
import type { Field } from '../harness/fault.ts';
import type { Capability, Node, NodeState } from '../harness/runtime.ts';
import { faultConformance } from './conformance/conformance.ts';
import { battlefield } from './conformance/field.ts';
import { memoryWorld, type Flaws } from './conformance/memory-world.ts';
import { scenario, type Play } from './scenario.ts';
import etcd20418 from './scenarios/etcd-20418.ts';
import laggingHeir from './scenarios/lagging-heir.ts';
import slowLeader from './scenarios/slow-leader.ts';
import zombieLeader from './scenarios/zombie-leader.ts';
import { allLinks } from './shapes.ts';
import { linksTo, type Stage } from './stage.ts';

const can = new Set<Capability>(['kill', 'pause', 'cut', 'shape']);
for (const fault of [zombieLeader, etcd20418, laggingHeir, slowLeader])
  faultConformance(fault, async () => memoryWorld(3), { can });
faultConformance(zombieLeader, async () => memoryWorld(5), { can });

/** Plays it on three nodes in memory; answers what was seen meanwhile, and what is left. */
async function played(play: Play['play'], { flaws = {}, over }: { flaws?: Flaws; over?: AbortSignal } = {}) {
  const world = memoryWorld(3, flaws);
  const notes: string[] = [];
  const field: Field = {
    ...battlefield(world).field(1),
    note: (what) => void notes.push(what),
    ...(over && { signal: over }),
  };
  const fault = scenario({ name: 'test', about: 'for a test', needs: [...can], takesMs: 1000, play });
  const { evidence, nodes, over: isOver } = await fault.inject(field, 'played');
  const states = await Promise.all(world.nodes.map((node) => node.state()));
  const whole = await world.cluster.network.probe(allLinks(world.nodes.map(({ name }) => name)));
  return {
    evidence,
    nodes,
    isOver,
    notes,
    left: [...states.filter((s) => s !== 'running'), ...whole.filter((w) => !w)],
  };
}

const [n1, n2] = [0, 1].map((i) => (stage: Stage) => stage.nodes[i] as Node) as [
  (stage: Stage) => Node,
  (stage: Stage) => Node,
];

test('whatever a play leaves behind is undone, and what it did is noted and probed', async () => {
  const states: NodeState[] = [];
  const { evidence, nodes, isOver, notes, left } = await played(async (stage) => {
    await stage.freeze(n1(stage));
    await stage.kill(n2(stage));
    await stage.hold(linksTo(n1(stage), stage.nodes));
    await stage.cut([{ from: 'n3', to: 'n2' }]);
    states.push(await n1(stage).state(), await n2(stage).state());
    await stage.sleep(1000);
  });
  expect(states).toEqual(['paused', 'dead']);
  expect(left).toEqual([]);
  expect({ nodes, isOver }).toEqual({ nodes: ['n1', 'n2'], isOver: true });
  expect(notes).toEqual([
    'freeze n1',
    'kill n2',
    'hold n2→n1 n3→n1',
    'cut n3→n2',
    'let n3→n2 pass',
    'let n2→n1 n3→n1 pass',
  ]);
  expect(evidence).toEqual({
    outcome: 'confirmed',
    how: 'probed: n1 paused, n2 dead, n2→n1 n3→n1 blocked, n3→n2 blocked',
  });
});

test('links come back one by one, where they were cut one by one', async () => {
  const seen: boolean[][] = [];
  const { left } = await played(async (stage) => {
    const links = linksTo(n1(stage), stage.nodes);
    const undo = [];
    for (const link of links) undo.push(await stage.hold([link]));
    for (const mend of undo) {
      seen.push([...(await stage.probe(links))]);
      await mend();
    }
    seen.push([...(await stage.probe(links))]);
  });
  expect(seen).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
  expect(left).toEqual([]);
});

test('a play that waits in vain is skipped, says for what, and is undone', async () => {
  const { evidence, left } = await played(async (stage) => {
    await stage.freeze(n1(stage));
    await stage.until('that hell freezes over', () => undefined, 500);
  });
  expect(evidence).toEqual({
    outcome: 'skipped',
    because: 'test: that hell freezes over did not happen in 500 ms',
  });
  expect(left).toEqual([]);
});

test('when the time for faults is over, a play is broken off and undone', async () => {
  const over = new AbortController();
  const { evidence, left } = await played(
    async (stage) => {
      await stage.freeze(n1(stage));
      over.abort();
      await stage.sleep(10_000);
    },
    { over: over.signal },
  );
  expect(evidence).toEqual({ outcome: 'skipped', because: 'test: the time for faults was over' });
  expect(left).toEqual([]);
});

test('who is frozen or dead is not asked whether it leads', async () => {
  const { evidence } = await played(async (stage) => {
    const first = await stage.leader();
    await stage.freeze(first);
    const second = await stage.leader();
    await stage.kill(second);
    const third = await stage.leader();
    expect(new Set([first, second, third]).size).toBe(3);
    await stage.thaw(first);
    expect([first, third]).toContain(await stage.leader());
  });
  expect(evidence.outcome).toBe('confirmed');
});

test('what did not take effect is not confirmed', async () => {
  const frozen = await played((stage) => stage.freeze(n1(stage)), { flaws: { immortal: true } });
  expect(frozen.evidence).toEqual({ outcome: 'indeterminate', because: 'n1 is running' });
  const held = await played(
    async (stage) => {
      await stage.hold([{ from: 'n1', to: 'n2' }]);
      await stage.sleep(100);
    },
    { flaws: { leaky: true } },
  );
  expect(held.evidence).toEqual({ outcome: 'indeterminate', because: 'n1→n2 still let something through' });
  const nothing = await played(async () => {});
  expect(nothing.evidence).toEqual({
    outcome: 'indeterminate',
    because: 'nothing of it was seen to take effect',
  });
});

test('a mistake in a play is not taken for a play that found nothing to do', async () => {
  const { evidence, left } = await played(async (stage) => {
    await stage.freeze(n1(stage));
    throw new Error('oops');
  });
  expect(evidence).toEqual({ outcome: 'indeterminate', because: 'test: oops' });
  expect(left).toEqual([]);
});
