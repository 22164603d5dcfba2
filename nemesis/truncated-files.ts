import { fileFault } from './file-fault.ts';

/** More than that is not kept to be put back. */
const MOST = 64 * 1024;

/**
 * The end of a file is gone: a file system that was repaired, a copy that was broken off. To a log it looks like a write that was torn,
 * and who takes it for one forgets what it had confirmed. Raft and Paxos promise nothing to one that forgets, so that a violation
 * says no more than that: what was read was trusted.
 */
export default fileFault(
  {
    name: 'truncated-files',
    about: 'cuts the end off a file of each of some nodes, while they are down, and starts them',
  },
  (size, random) => ({ cut: 1 + random.below(Math.min(size, random.pick([16, 512, 4096, MOST]))) }),
);
