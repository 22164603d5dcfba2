/** Accounts and what was found in each. */
export type Balances = ReadonlyMap<string, unknown>;

/**
 * What a read of a bank returned, in any way that people write it: an object `{"a": 10, "b": 90}`, pairs `[["a", 10], ["b", 90]]`, steps of
 * a transaction that only reads `[["r", "a", 10], ["r", "b", 90]]`, or balances alone, by number of account `[10, 90]`. `undefined` for
 * anything else.
 */
export function balancesOf(output: unknown): Balances | undefined {
  if (typeof output !== 'object' || output === null) return undefined;
  if (!Array.isArray(output)) return new Map(Object.entries(output));
  const items = output as readonly unknown[];
  if (items.every((item) => !Array.isArray(item)))
    return new Map(items.map((balance, account) => [String(account), balance]));
  const balances = new Map<string, unknown>();
  for (const item of items) {
    if (!Array.isArray(item)) return undefined;
    const [first, second, third] = item as readonly unknown[];
    if (item.length === 2) balances.set(String(first), second);
    else if (first === 'r' || first === 'read') balances.set(String(second), third);
    else return undefined;
  }
  return balances;
}
