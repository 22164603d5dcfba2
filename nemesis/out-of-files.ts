import { limitFault } from './limit-fault.ts';

/** A process may open no more files and accept no more connections: what leaks them, or a flood of clients, does the same. */
export default limitFault({
  name: 'out-of-files',
  about: 'lets nodes open no more files and connections than they have, or a few',
  resource: 'files',
  beyond: 64,
  spare: (random) => random.pick([0, 0, 1, 3, 10]),
  says: (amount) => (amount === 1 ? '1 more file' : `${amount} more files`),
});
