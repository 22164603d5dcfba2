/**
 * How much memory judging transactions takes, in a process of its own that is handed a million of them as columns: told is the most that
 * it ever held, the runtime (some 60 MB) and the transactions included.
 *
 *     node bench/checkers-memory.ts
 */
import { strict as assert } from 'node:assert';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { checkCausal, checkListAppend, type Transactions } from 'knossos-js';
import { simulate, type Simulation } from '../checkers/src/generate/transaction-history.ts';

const million = { transactions: 1e6, seed: 1 } as const;

const rows: readonly { readonly name: string; readonly load: Simulation; readonly promisedMB: number }[] = [
  { name: 'causal, 10 sessions', load: { ...million, kind: 'register', clients: 10 }, promisedMB: 450 },
  { name: 'causal, 50 sessions', load: { ...million, kind: 'register', clients: 50 }, promisedMB: 450 },
  {
    name: 'list-append, strict serializable',
    load: { ...million, kind: 'append', clients: 20 },
    promisedMB: 700,
  },
];

interface Held {
  readonly loaded: number;
  readonly most: number;
}

if (process.send) {
  const [{ kind, txns }] = (await once(process, 'message')) as [
    { readonly kind: Simulation['kind']; readonly txns: Transactions },
  ];
  const loaded = process.resourceUsage().maxRSS;
  const verdict =
    kind === 'append'
      ? checkListAppend(txns, { level: 'strict serializable' })
      : checkCausal(txns, { level: 'CCv' });
  assert.equal(verdict.valid, true);
  process.send({ loaded, most: process.resourceUsage().maxRSS } satisfies Held);
} else
  for (const { name, load, promisedMB } of rows) {
    const child = fork(import.meta.filename, { serialization: 'advanced' });
    child.send({ kind: load.kind, txns: simulate(load) });
    const [{ loaded, most }] = (await once(child, 'message')) as [Held];
    child.disconnect();
    await once(child, 'exit');
    const megabytes = (kilobytes: number): string => (kilobytes / 1024).toFixed(0);
    console.log(
      `${name}, 1 M transactions: ${megabytes(most)} MB at most (promised ${promisedMB}), ${megabytes(loaded)} MB of them once they were loaded`,
    );
  }
