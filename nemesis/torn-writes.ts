import { powerFault } from './power-fault.ts';

/**
 * The power fails while the disk is busy: of what was not synced, some pages have been written and others not, in no order. A log
 * whose end is in doubt has to be told from one that is damaged, by checksums.
 */
export default powerFault(
  {
    name: 'torn-writes',
    about: 'kills nodes, and of what they did not sync loses every other page, at random',
  },
  () => ({ pages: 0.5, names: 1 }),
);
