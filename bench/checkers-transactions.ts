/**
 * How fast transactions are judged, each with its answer asserted inside the timing.
 *
 *     node bench/checkers-transactions.ts [rows]
 *
 * `rows` picks by name; without it all run, which takes a minute or two. Times are of one thread, after loading, the first
 * run included; processor time stands beside, since a busy machine stretches the other. Histories come from
 * `checkers/src/generate/transaction-history.ts`, seeded: skewed keys, 1–4 steps, half of them writes.
 */
import { strict as assert } from 'node:assert';
import {
  checkListAppend,
  checkRwRegister,
  checkSequential,
  type Transactions,
  type Verdict,
} from 'knossos-js';
import { simulate, type Simulation } from '../checkers/src/generate/transaction-history.ts';
import { measure } from './measure.ts';

interface Row {
  readonly name: string;
  readonly load: Simulation;
  readonly check: (txns: Transactions) => Verdict;
  readonly valid?: boolean;
  /** Milliseconds that are promised. */
  readonly promised?: number;
}

const million = { transactions: 1e6, clients: 20, seed: 1 } as const;
const limits = () => ({
  deadline: performance.now() + 60_000,
  now: () => performance.now(),
  memoryBytes: 2e9,
});

const rows: readonly Row[] = [
  {
    name: 'list-append, strict serializable, 1 M',
    load: { ...million, kind: 'append' },
    check: (txns) => checkListAppend(txns, { level: 'strict serializable' }),
    promised: 1500,
  },
  {
    name: 'list-append, strict serializable, 1 M, 5 % crashed',
    load: { ...million, kind: 'append', crashed: 0.05 },
    check: (txns) => checkListAppend(txns, { level: 'strict serializable' }),
    promised: 1500,
  },
  {
    name: 'list-append of a store at snapshot isolation, 1 M',
    load: { ...million, kind: 'append', isolation: 'snapshot' },
    check: (txns) => checkListAppend(txns, { level: 'serializable' }),
    valid: false,
  },
  {
    name: 'list-append with dirty writes, 10 k transactions on 2 keys: one component',
    load: { kind: 'append', transactions: 1e4, clients: 50, keys: 2, seed: 1, isolation: 'dirty' },
    check: (txns) => checkListAppend(txns, { level: 'read uncommitted' }),
    valid: false,
    promised: 1000,
  },
  {
    name: 'rw-register, serializable, reads before writes, 1 M',
    load: { ...million, kind: 'register', readBeforeWrite: true },
    check: (txns) => checkRwRegister(txns, { level: 'serializable' }, limits()),
    promised: 3000,
  },
  {
    name: 'rw-register, serializable, blind writes, 1 M',
    load: { ...million, kind: 'register' },
    check: (txns) => checkRwRegister(txns, { level: 'serializable' }, limits()),
    promised: 3000,
  },
  {
    name: 'sequential, 10 k operations, 8 processes',
    load: { kind: 'register', transactions: 1e4, clients: 8, steps: 1, seed: 1 },
    check: (txns) => checkSequential(txns, {}, limits()),
    promised: 5000,
  },
];

for (const { name, load, check, valid = true, promised } of rows) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  const txns = simulate(load);
  measure(name, promised, () => assert.equal(check(txns).valid, valid));
}
