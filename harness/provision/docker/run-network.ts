import type { Link, Network } from '../../runtime.ts';
import type { Patience } from '../agent-probes.ts';

/** The links of one run: how they are cut, and whether they carry. */
export interface RunNetwork extends Pick<Network, 'setCuts'> {
  probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]>;
  /** A node has started again: make the cuts hold for its new life. */
  settle(): Promise<void>;
}
