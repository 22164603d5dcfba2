import { diskFault } from './disk-fault.ts';

/** A sync takes as long as on a disk that many share, and whoever waits for it, so long. */
export default diskFault(
  { name: 'slow-disk', needs: ['disk'], about: 'has each sync take long on the disks of nodes' },
  (random) => {
    const delayMs = Math.round(20 * 75 ** random.fraction());
    return { operation: 'sync', trouble: { delayMs }, says: `each sync takes ${delayMs} ms` };
  },
);
