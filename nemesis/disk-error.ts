import { diskFault } from './disk-fault.ts';

/**
 * A disk that is dying: reads, writes or syncs fail, some of them or all. After a sync that failed nobody can know what is
 * durable; to try again and believe the second answer is a famous mistake ("fsyncgate", PostgreSQL, 2018).
 */
export default diskFault(
  {
    name: 'disk-error',
    needs: ['disk', 'kill'],
    about: 'has reads, writes or syncs fail on the disks of nodes, some or all',
  },
  (random) => {
    const operation = random.pick(['read', 'write', 'sync', 'sync'] as const);
    // Kernels try once more what they could not read ahead: of a tenth, readers would see a hundredth.
    const share = random.pick(operation === 'read' ? [0.5, 1] : [0.1, 0.5, 1]);
    return {
      operation,
      trouble: { error: 'EIO', share },
      says: `${share === 1 ? 'every' : `${100 * share} % of each`} ${operation} fails`,
    };
  },
);
