import { limitFault } from './limit-fault.ts';

const MIB = 1024 * 1024;

/**
 * A process gets no more memory than it has, and a little. Most end when they are refused some, as they would by the
 * kernel's own hand; some fail a request and go on.
 */
export default limitFault({
  name: 'out-of-memory',
  about: 'lets nodes have no more memory than they have, or a little, so that many end',
  resource: 'memory',
  beyond: 256 * MIB,
  spare: (random) => random.pick([0, 1, 8, 64]) * MIB,
  says: (amount) => `${amount / MIB} MiB more`,
});
