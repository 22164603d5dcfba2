import type { CausalBase } from '../causal/base.ts';
import { INITIAL } from '../transactions/columns.ts';
import { OWN } from '../transactions/register-reads.ts';
import { keyName, nameOf, valueName } from '../transactions/words.ts';
import type { Clients } from './clients.ts';
import type { StaleReads } from './stale-read.ts';

/**
 * A client that reads 1, then 2, then 1 again from the same key has gone back, whichever of the two is older: no order
 * of versions lets all three be monotonic. One pass; a stamp for each version says who has left it behind.
 */
export function flipFlops(base: CausalBase, clients: Clients, found: StaleReads): void {
  const { txns, source } = base;
  const leftBy = new Int32Array(txns.versions).fill(-1);
  const leftIn = new Int32Array(txns.versions);
  const lastMicro = new Int32Array(txns.keys.length).fill(-1);
  const lastReader = new Int32Array(txns.keys.length).fill(-1);
  for (const t of clients.oneByOne()) {
    const client = clients.of(t);
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      if (source[m] === OWN || txns.value[m] === INITIAL) continue;
      const k = txns.key[m] as number;
      const v = txns.value[m] as number;
      const before = lastReader[k] as number;
      if (before >= 0 && clients.of(before) === client && txns.value[lastMicro[k] as number] !== v) {
        const left = txns.value[lastMicro[k] as number] as number;
        leftBy[left] = client;
        leftIn[left] = before;
        const first = leftIn[v] as number;
        if (leftBy[v] === client)
          found.add('monotonic reads', true, () => ({
            key: k,
            transactions: [first, before, t],
            explanation: `Client ${txns.processes[txns.process[t] as number]} read ${valueName(txns, v)} from ${keyName(txns, k)} in ${nameOf(txns, first)}, ${valueName(txns, left)} in ${nameOf(txns, before)}, and ${valueName(txns, v)} again in ${nameOf(txns, t)}.`,
          }));
      }
      lastReader[k] = t;
      lastMicro[k] = m;
    }
  }
}
