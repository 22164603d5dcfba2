/**
 * How fast everything but linearizability and transactions is judged, each with its answer asserted inside the timing.
 *
 *     node bench/checkers-objects.ts [rows]
 *
 * `rows` picks by name. Histories come from `checkers/src/generate`, seeded; times are of one thread, after loading.
 */
import { strict as assert } from 'node:assert';
import {
  bank,
  convergence,
  counterBounds,
  longFork,
  regularRegister,
  safeRegister,
  setFull,
  staleness,
  stronglyRegularRegister,
  totalQueue,
  uniqueIds,
  type Checker,
  type History,
  type Verdict,
} from 'knossos-js';
import { objectHistory, type SimulatedObject } from '../checkers/src/generate/object-history.ts';
import * as simulated from '../checkers/src/generate/objects.ts';
import { registerHistory, type RegisterLoad } from '../checkers/src/generate/register-history.ts';
import { growingSetHistory } from '../checkers/src/generate/growing-set-history.ts';
import { measure } from './measure.ts';

interface Row {
  readonly name: string;
  readonly history: () => History;
  readonly checker: Checker;
  readonly valid: Verdict['valid'];
  readonly facts?: Verdict['facts'];
  /** Milliseconds that are promised. */
  readonly promised?: number;
}

const million = 1e6;
const registers = (load: Partial<RegisterLoad>) => (): History =>
  registerHistory({ operations: million, clients: 30, seed: 1, ...load }).history as unknown as History;
const objects =
  (object: () => SimulatedObject, nodes = 0) =>
  (): History =>
    objectHistory({ operations: million, clients: 30, seed: 1, nodes }, object());

const rows: readonly Row[] = [
  {
    name: 'safe register, 1 key, 1 M, 2 clients',
    history: registers({ clients: 2, think: 5 }),
    checker: safeRegister(),
    valid: true,
  },
  {
    name: 'regular register, 1 key, 1 M, 30 clients, 5 % crashed',
    history: registers({ crashed: 0.05 }),
    checker: regularRegister(),
    valid: true,
  },
  {
    name: 'regular register of 5 values, 1 key, 1 M, 30 clients',
    history: registers({ values: 5 }),
    checker: regularRegister(),
    valid: true,
  },
  {
    name: 'strongly regular register, 1 key, 1 M, 30 clients, 5 % crashed',
    history: registers({ crashed: 0.05 }),
    checker: stronglyRegularRegister(),
    valid: true,
  },
  {
    name: 'staleness, linearizable, 1 key, 1 M, 30 clients, 5 % crashed',
    history: registers({ crashed: 0.05 }),
    checker: staleness(),
    valid: true,
    facts: { k: 1, 'Δ, ms': 0 },
    promised: 300,
  },
  {
    name: 'staleness, reads up to 3 behind, 1 key, 1 M, 30 clients',
    history: registers({ behind: 3 }),
    checker: staleness({ k: 1 }),
    valid: false,
    promised: 300,
  },
  {
    name: 'staleness, reads up to 1 behind, 1,000 keys, 1 M, 30 clients',
    history: registers({ behind: 1, keys: 1000 }),
    checker: staleness(),
    valid: true,
    facts: { k: 2 },
  },
  {
    name: '2-atomic, reads up to 1 behind, 1 key, 1 M, 10 clients',
    history: registers({ behind: 1, clients: 10 }),
    checker: staleness({ k: 2 }),
    valid: true,
  },
  {
    name: 'total queue, 1 M, 30 clients',
    history: objects(() => simulated.drainedQueue(million)),
    checker: totalQueue(),
    valid: true,
    facts: { lost: 0 },
  },
  {
    name: 'counter bounds, 1 M, 30 clients',
    history: objects(simulated.counting),
    checker: counterBounds(),
    valid: true,
  },
  {
    name: 'unique ids, 1 M, 30 clients',
    history: objects(simulated.numbering),
    checker: uniqueIds(),
    valid: true,
  },
  {
    name: 'bank, 8 accounts, 1 M, 30 clients',
    history: objects(simulated.accounts),
    checker: bank(),
    valid: true,
    facts: { total: 800 },
  },
  {
    name: 'long fork, groups of 3 keys, 1 M, 30 clients',
    history: objects(simulated.groupsOfKeys),
    checker: longFork(),
    valid: true,
  },
  {
    name: 'convergence, 100 registers on 5 nodes, 1 M, 30 clients',
    history: objects(() => simulated.agreeingNodes(million), 5),
    checker: convergence(),
    valid: true,
  },
  {
    name: 'set-full, 1 M adds, 1,000 reads of all, 30 clients',
    history: () => growingSetHistory({ adds: million, reads: 1000, clients: 30, seed: 1, lost: 1234 }),
    checker: setFull(),
    valid: false,
    facts: { elements: million, lost: 1, stale: 0 },
    promised: 10_000,
  },
  {
    name: 'set-full, 100 k adds, 1,000 reads of all in another order each, 30 clients',
    history: () => growingSetHistory({ adds: 1e5, reads: 1000, clients: 30, seed: 1, order: 'shuffled' }),
    checker: setFull(),
    valid: true,
    facts: { elements: 1e5, lost: 0, stale: 0 },
  },
];

const wanted = process.argv[2] ?? '';
for (const { name, history, checker, valid, facts, promised } of rows) {
  if (!name.includes(wanted)) continue;
  const judged = history();
  measure(name, promised, () => {
    const verdict = checker.check(judged, {
      deadline: performance.now() + 60_000,
      now: () => performance.now(),
      memoryBytes: 4e9,
    }) as Verdict;
    assert.equal(verdict.valid, valid, verdict.because);
    for (const [fact, value] of Object.entries(facts ?? {})) assert.equal(verdict.facts[fact], value, fact);
  });
}
