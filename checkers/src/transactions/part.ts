import { INITIAL, OPEN, READ, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import { TransactionsBuilder } from './builder.ts';
import type { Writers } from './writers.ts';

/**
 * Some of the register transactions of a history, as a history of their own. What they read from others stays unread:
 * somebody wrote it, and who is not told.
 */
export function partOf(txns: Transactions, writers: Writers, members: readonly number[]): Transactions {
  const inside = new Set(members);
  const builder = new TransactionsBuilder();
  for (const t of members.toSorted((a, b) => a - b)) {
    const returned = txns.return[t] as number;
    builder.begin(
      txns.operation[t] as number,
      txns.processes[txns.process[t] as number] as number,
      txns.outcome[t] as number,
      ...(txns.timed ? [txns.call[t] as number, returned === OPEN ? undefined : returned] : []),
    );
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const key = txns.keys[txns.key[m] as number] as string | number;
      const v = txns.value[m] as number;
      if (txns.kind[m] === WRITE) builder.write(key, txns.versionValue[v]);
      else if (txns.kind[m] !== READ) builder.unread(key);
      else if (v === INITIAL) builder.read(key, null);
      else if (inside.has(writers.of[v] as number)) builder.read(key, txns.versionValue[v]);
      else builder.unread(key);
    }
  }
  return builder.finish();
}
