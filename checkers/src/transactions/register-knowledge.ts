import type { Transactions } from './columns.ts';
import type { Findings } from './findings.ts';
import type { Limits } from './limits.ts';
import { registerReads } from './register-reads.ts';
import type { RegisterReads } from './register-reads.ts';
import { registerVersions } from './register-versions.ts';
import type { RegisterVersions } from './register-versions.ts';
import { writersOf } from './writers.ts';
import type { Writers } from './writers.ts';

/** What the values of a register history tell without any search: who wrote what, who read from whom, what follows what. */
export interface RegisterKnowledge {
  readonly txns: Transactions;
  readonly writers: Writers;
  readonly reads: RegisterReads;
  readonly versions: RegisterVersions;
}

export function registerKnowledge(txns: Transactions, findings: Findings, limits: Limits): RegisterKnowledge {
  const writers = writersOf(txns, limits);
  const reads = registerReads(txns, writers, findings, limits);
  const versions = registerVersions(txns, writers, reads, findings, limits);
  return { txns, writers, reads, versions };
}
