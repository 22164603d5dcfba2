/**
 * What it costs to cut links, to heal them, and to ask the agent; and how late a link is that was asked to be 50 ms late. Five nodes on
 * `local`. Probes say that each cut was one, outside of the timing.
 */
import { strict as assert } from 'node:assert';
import { startAgent } from '../harness/provision/agent.ts';
import { layNetwork } from '../harness/provision/local-network.ts';
import { localShaper } from '../harness/provision/local-shaper.ts';
import { enterNamespace } from '../harness/provision/namespace.ts';
import { ShapedLinks } from '../harness/provision/shaped-links.ts';
import { seeded } from '../harness/random.ts';
import { drawShape, type ShapeName } from '../nemesis/shapes.ts';

enterNamespace();

const rounds = 30;
const names = ['n1', 'n2', 'n3', 'n4', 'n5'];
const shapes: readonly ShapeName[] = ['halves', 'one', 'majorities-ring', 'bridge', 'one-way', 'leader'];

await using helper = await startAgent();
await using lan = await layNetwork(helper.agent, names);
const { network, attached } = lan;
const random = seeded(1);
const [cuts, heals, asks]: [number[], number[], number[]] = [[], [], []];
for (let round = 0; round < rounds; round++)
  for (const name of shapes) {
    const shape = drawShape(name, names, 'n1', random);
    assert(shape);
    cuts.push(await timed(() => network.setCuts(shape.cut)));
    if (round === 0)
      assert(!(await network.probe(shape.cut)).includes(true), `${name} let something through`);
    heals.push(await timed(() => network.setCuts([])));
    if (round === 0) assert(!(await network.probe(shape.cut)).includes(false), `${name} was not healed`);
    asks.push(await timed(() => helper.agent.ask('times')));
  }

await using shaped = new ShapedLinks({
  start: localShaper,
  door: async (name) => attached.find((one) => one.name === name)?.door,
  hosts: (name) => network.hosts(name),
});
const link = { from: 'n1', to: 'n2' };
await shaped.set([{ ...link, delayMs: 50 }]);
const row = { count: 100, everyMs: 5, bytes: 100, waitMs: 1000 };
const { arrived, delaysMs } = await network.measure(link, row);
assert.equal(arrived, row.count);
const beside = await network.measure({ from: 'n3', to: 'n4' }, row);

console.log(`a cut of any shape: ${median(cuts).toFixed(2)} ms (promised 10)`);
console.log(`its heal: ${median(heals).toFixed(2)} ms (promised 25)`);
console.log(`a question to the agent: ${median(asks).toFixed(2)} ms (promised 1)`);
console.log(`a link that is 50 ms late: ${median(delaysMs).toFixed(2)} ms (promised 50 to 51)`);
console.log(`a link beside it: ${median(beside.delaysMs).toFixed(3)} ms`);
assert(median(cuts) <= 10 && median(heals) <= 25 && median(asks) <= 1, 'slower than promised');
assert(median(delaysMs) >= 50 && median(delaysMs) <= 51, 'not as late as promised');

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
