export * from './checker.ts';
export * from './history.ts';
export * from './model.ts';
export { tabulate, type Tabulated } from './table/tabulate.ts';
export { printEvent, readJsonl, type ReadHistory, type Torn } from './format/jsonl.ts';
export { readColumns, writeColumns, type ColumnsSource } from './format/columns.ts';
export { MalformedHistory } from './format/malformed.ts';
export * from './models/index.ts';
export {
  linearizable,
  type LinearizableChecker,
  type LinearizableOptions,
} from './linearizable/linearizable.ts';
export { verify } from './verify/verify.ts';
export {
  regularRegister,
  safeRegister,
  stronglyRegularRegister,
  type RegularOptions,
} from './regular/regular.ts';
export { staleness, type StalenessOptions } from './staleness/staleness.ts';
export { bank, type BankOptions } from './bank/bank.ts';
export { convergence, type ConvergenceOptions } from './convergence/convergence.ts';
export { counterBounds } from './counter-bounds/counter-bounds.ts';
export { longFork } from './long-fork/long-fork.ts';
export { totalQueue, type TotalQueueOptions } from './total-queue/total-queue.ts';
export { uniqueIds, type UniqueIdsOptions } from './unique-ids/unique-ids.ts';
export { setFull, type SetFullOptions } from './set-full/set-full.ts';
export { readHistory, recognise, type Format, type ReadOptions } from './format/read-history.ts';
export { MEANINGS, type Meaning } from './format/meaning.ts';
export { checkers, suggestChecker, type NamedOptions } from './named-checkers.ts';
export { monitor } from './monitor/monitor.ts';
export * from './transactions/index.ts';
export * from './causal/index.ts';
export * from './sessions/index.ts';
export * from './sequential/index.ts';
export { atomicCommit } from './atomic-commit/atomic-commit.ts';
export { consensus } from './consensus/consensus.ts';
export { membership, type MembershipOptions } from './membership/membership.ts';
export { among } from './among.ts';
export { placement, type PlacementOptions } from './placement/placement.ts';
export { mutualExclusion, type MutualExclusionOptions } from './mutual-exclusion/mutual-exclusion.ts';
