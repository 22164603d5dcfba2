export {
  APPEND,
  FAIL,
  INFO,
  INITIAL,
  LIST,
  OK,
  OPEN,
  READ,
  UNREAD,
  WRITE,
  type Transactions,
} from './columns.ts';
export { TransactionsBuilder } from './builder.ts';
export { transactionsOf, type MicroOperation, type TransactionOperations } from './from-history.ts';
export { readNeutralTransactions } from './neutral.ts';
export { consistencyMap, implies, LEVELS, type Consistency, type Level, type Proof } from './levels.ts';
export { checkListAppend, listAppend, type TransactionOptions } from './list-append.ts';
export { replay, respects } from './replay.ts';
export type { TransactionVerdict } from './verdict.ts';
export { checkRwRegister, rwRegister } from './rw-register.ts';
export { readPlainTransactions } from './plain-text.ts';
export { looksLikeTransactions, readTransactions } from './read-transactions.ts';
