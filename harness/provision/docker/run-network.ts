import type { Network } from '../../runtime.ts';

/** The links of one run. */
export interface RunNetwork extends Network {
  /** A node has started again: make the cuts hold for its new life. */
  settle(): Promise<void>;
}
