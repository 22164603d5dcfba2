import { powerFault } from './power-fault.ts';

/** The end of what was confirmed to clients and never synced. Names of files are durable at once, as on most file systems of today. */
export default powerFault(
  { name: 'power-failure', about: 'kills nodes, and loses what they wrote and did not sync' },
  () => ({ pages: 0, names: 1 }),
);
