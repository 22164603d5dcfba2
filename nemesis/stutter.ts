import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { confirmed, evidenceOfState, indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { overAndOver } from './over-and-over.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** However long it lasts. */
const stops = 5000;
/** How often a node is looked at, at most, until it has been seen going and standing. */
const looks = 40;

/**
 * Nodes that get a small part of the time that they need, as on a machine that is overcommitted or has used up its quota: they
 * stand and go many times a second, so that they are slow and never dead.
 */
const stutter: Fault = {
  name: 'stutter',
  about: 'gives nodes a small part of the processor, by stopping them many times a second',
  proof: 'the operating system says now that they stand, now that they go',
  needs: ['pause'],
  variants: targetVariants,
  async inject(field, variant): Promise<Injection> {
    const random = field.random.fork('pace');
    const [goMs, standMs] = [10 + random.below(30), 40 + random.below(200)];
    const targets = await drawTargets(field, variant);
    if ('none' in targets) return nothing(targets.none);
    const { nodes } = targets;
    const names = nodes.map(({ name }) => name);
    const loop = overAndOver(field, stops, async (pause) => {
      await everyone(nodes, (node) => node.pause());
      await pause(standMs);
      await everyone(nodes, (node) => node.resume());
      await pause(goMs);
    });
    return {
      what: `${names.join(' ')} going ${goMs} ms and standing ${standMs} ms`,
      nodes: names,
      evidence: await probed(() => evidenceOfStutter(field, nodes)),
      heal: once(async () => {
        await loop.stop();
        const dead = await namesIn(nodes, 'dead');
        const alive = nodes.filter(({ name }) => !dead.has(name));
        if (alive.length === 0)
          return { outcome: 'skipped', because: `${[...dead].join(' ')} died meanwhile` } as const;
        const stuck = await everyone(alive, (node) => node.resume());
        if (stuck.length > 0) throw new Error(`could not resume: ${stuck.join('; ')}`);
        return probed(() => evidenceOfState(field.time, alive, 'running'));
      }),
    };
  },
};

export default stutter;

/** Whether the operating system was seen to have each of them stand, and each of them go. */
async function evidenceOfStutter({ time, random }: Field, nodes: readonly Node[]): Promise<Evidence> {
  const moments = random.fork('looks');
  const seen = new Map(nodes.map(({ name }) => [name, { running: 0, paused: 0, dead: 0 }]));
  for (let look = 1; look <= looks; look++) {
    for (const node of nodes) {
      const counts = seen.get(node.name);
      if (counts) counts[await node.state()]++;
    }
    if ([...seen.values()].every(({ running, paused }) => running > 0 && paused > 0))
      return confirmed(`the operating system says now paused, now running: ${[...seen.keys()].join(' ')}`);
    await time.sleep(5 + moments.below(40));
  }
  const steady = [...seen].filter(([, { running, paused }]) => running === 0 || paused === 0);
  return indeterminate(
    steady
      .map(
        ([name, counts]) => `${name} was seen ${counts.paused} times paused, ${counts.running} times running`,
      )
      .join('; '),
  );
}
