import { nodeFault } from './node-fault.ts';
import { restartAll } from './restart-all.ts';

/**
 * The kernel kills nodes for want of memory, as it does with containers that outgrow what they were given: without a word, in the middle
 * of anything. It is `kill -9` by another hand, but several processes of a node go one after the other. `out-of-memory` has
 * requests for memory refused instead.
 */
export default nodeFault({
  name: 'oom-kill',
  about: 'has the kernel kill nodes for want of memory, and starts them again',
  needs: ['group', 'kill'],
  leaves: 'dead',
  async strike(node) {
    if (node.group === undefined) throw new Error('it has no group of its own');
    return await node.group.starve();
  },
  heal: restartAll,
});
