import { diskFault } from './disk-fault.ts';

/** There is no room left, on the disks of some nodes and no others: nothing can be written, what is there can be read. */
export default diskFault(
  { name: 'disk-full', needs: ['disk', 'kill'], about: 'leaves no space on the disks of nodes' },
  () => ({
    operation: 'write',
    trouble: { error: 'ENOSPC' },
    says: 'no space is left on the disk',
  }),
);
