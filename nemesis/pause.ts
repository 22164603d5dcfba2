import type { Fault, Injection } from '../harness/fault.ts';
import { evidenceOfState, indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { drawTargets, targetVariants } from './targets.ts';

/**
 * Nodes get no time, as in a long garbage collection or a virtual machine that is moved. Then they go on as if nothing
 * had been: a leader that was deposed meanwhile still thinks that it leads, and what was sent to it waits in its sockets.
 */
const pause: Fault = {
  name: 'pause',
  about: 'stops nodes from getting any time, and lets them go on where they were',
  needs: ['pause'],
  variants: targetVariants,
  async inject(field, variant): Promise<Injection> {
    const targets = await drawTargets(field, variant);
    if ('none' in targets) return nothing(targets.none);
    const { nodes } = targets;
    const refused = await everyone(nodes, (node) => node.pause());
    return {
      what: nodes.map(({ name }) => name).join(' '),
      nodes: nodes.map(({ name }) => name),
      evidence:
        refused.length > 0
          ? indeterminate(refused.join('; '))
          : await probed(() => evidenceOfState(field.time, nodes, 'paused')),
      heal: once(async () => {
        // One that was killed meanwhile has nothing to go on with; whoever killed it starts it again.
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

export default pause;
