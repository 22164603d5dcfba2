import type { Transactions } from './columns.ts';
import { readNeutralTransactions } from './neutral.ts';
import { readPlainTransactions } from './plain-text.ts';

/** Whether a file holds one transaction a line, or the steps of transactions, rather than events of operations. */
export function looksLikeTransactions(text: string): boolean {
  const head = text.slice(0, 4096).trimStart();
  return (
    /^\{"p":.*"ops":/.test(head) ||
    /^[rw]\(\d+,\d+,\d+,\d+\)\s*(\n|$)/.test(head) ||
    /^[rw] \d+ \d+\s*(\n|$)/.test(head)
  );
}

/** Reads transactions in any of the forms that isolation checkers share: neutral lines, Plume's, AWDIT's. */
export function readTransactions(source: string | Uint8Array, file?: string): Transactions {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return text.trimStart().startsWith('{')
    ? readNeutralTransactions(text, file)
    : readPlainTransactions(text, file);
}
