import { fileFault } from './file-fault.ts';

/** Disks and memory flip bits: rarely, and in all that there is of them, daily. Checksums are there to find it out. */
export default fileFault(
  {
    name: 'bit-flips',
    about: 'flips a few bits in a file of each of some nodes, while they are down, and starts them',
  },
  (size, random) => ({
    flip: Array.from({ length: random.pick([1, 1, 3, 8]) }, () => random.below(8 * size)),
  }),
);
