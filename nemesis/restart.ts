import { nodeFault } from './node-fault.ts';
import { restartAll } from './restart-all.ts';

/** A node that does not end when it is asked to is killed then. */
const PATIENCE_MS = 3000;

/**
 * As an operator restarts a node: it is asked to end, says good-bye to the others, and hands over what it leads if it does such
 * things. What goes wrong then is not what goes wrong in a crash.
 */
export default nodeFault({
  name: 'restart',
  about: 'asks nodes to end, as an operator would, and starts them again later',
  needs: ['stop', 'kill'],
  strike: async (node) => {
    const ended = await node.stop?.(PATIENCE_MS);
    return ended === 'killed'
      ? `did not end in ${PATIENCE_MS / 1000} s and was killed`
      : 'ended when asked to';
  },
  leaves: 'dead',
  heal: restartAll,
});
