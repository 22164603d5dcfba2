import { nodeFault } from './node-fault.ts';
import { restartAll } from './restart-all.ts';

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
  heal: restartAll,
});
