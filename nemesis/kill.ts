import { evidenceOfState, indeterminate, namesIn } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nodeFault } from './node-fault.ts';

/**
 * `kill -9`, and a restart with the data that was there. What a node had not yet handed to the operating system is lost;
 * what it had, survives, whether or not it asked for that: alone, this does not test durability.
 */
export default nodeFault({
  name: 'kill',
  about: 'kills nodes with kill -9, and starts them again with their data',
  needs: ['kill'],
  strike: (node) => node.kill(),
  leaves: 'dead',
  /** All at once: where a majority is down, none of them may become ready before the others are up. */
  async heal(field, nodes) {
    const late = await everyone(nodes, (node) => field.restart(node));
    const dead = await namesIn(nodes, 'dead');
    if (dead.size > 0) throw new Error(`could not start again: ${late.join('; ') || [...dead].join(' ')}`);
    return late.length > 0
      ? indeterminate(`runs again, but is not ready: ${late.join('; ')}`)
      : evidenceOfState(field.time, nodes, 'running');
  },
});
