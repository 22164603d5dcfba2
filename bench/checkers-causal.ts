/**
 * How fast causality and the session guarantees are judged, each with its answer asserted inside the timing.
 *
 *     node bench/checkers-causal.ts [rows]
 */
import { strict as assert } from 'node:assert';
import { checkCausal, checkSessions, type Transactions, type Verdict } from 'knossos-js';
import { simulate, type Simulation } from '../checkers/src/generate/transaction-history.ts';
import { measure } from './measure.ts';

interface Row {
  readonly name: string;
  readonly load: Simulation;
  readonly check: (txns: Transactions) => Verdict;
  readonly valid?: boolean;
  readonly promised?: number;
}

const million = { kind: 'register', transactions: 1e6, seed: 1 } as const;

const rows: readonly Row[] = [
  {
    name: 'causal, converging, 1 M transactions, 10 sessions',
    load: { ...million, clients: 10 },
    check: (txns) => checkCausal(txns, { level: 'CCv' }),
    promised: 800,
  },
  {
    name: 'causal, converging, 1 M transactions, 50 sessions',
    load: { ...million, clients: 50 },
    check: (txns) => checkCausal(txns, { level: 'CCv' }),
    promised: 1300,
  },
  {
    name: 'causal, a store that reads half of transactions, 1 M, 10 sessions',
    load: { ...million, clients: 10, isolation: 'read committed' },
    check: (txns) => checkCausal(txns, { level: 'CCv' }),
    valid: false,
  },
  {
    name: 'all four session guarantees, 1 M operations, 10 processes',
    load: { ...million, clients: 10, steps: 1 },
    check: (txns) => checkSessions(txns),
    promised: 1000,
  },
];

for (const { name, load, check, valid = true, promised } of rows) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  const txns = simulate(load);
  measure(name, promised, () => assert.equal(check(txns).valid, valid));
}
