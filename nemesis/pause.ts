import { evidenceOfState, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nodeFault } from './node-fault.ts';

/**
 * Nodes get no time, as in a long garbage collection or a virtual machine that is moved. Then they go on as if nothing
 * had been: a leader that was deposed meanwhile still thinks that it leads, and what was sent to it waits in its sockets.
 */
export default nodeFault({
  name: 'pause',
  about: 'stops nodes from getting any time, and lets them go on where they were',
  needs: ['pause'],
  strike: (node) => node.pause(),
  leaves: 'paused',
  async heal({ time }, nodes) {
    // One that was killed meanwhile has nothing to go on with; whoever killed it starts it again.
    const dead = await namesIn(nodes, 'dead');
    const alive = nodes.filter(({ name }) => !dead.has(name));
    if (alive.length === 0) return { outcome: 'skipped', because: `${[...dead].join(' ')} died meanwhile` };
    const stuck = await everyone(alive, (node) => node.resume());
    if (stuck.length > 0) throw new Error(`could not resume: ${stuck.join('; ')}`);
    return probed(() => evidenceOfState(time, alive, 'running'));
  },
});
