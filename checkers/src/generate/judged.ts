import { atomicCommit } from '../atomic-commit/atomic-commit.ts';
import { bank } from '../bank/bank.ts';
import { causal } from '../causal/causal.ts';
import type { Checker } from '../checker.ts';
import { consensus } from '../consensus/consensus.ts';
import { convergence } from '../convergence/convergence.ts';
import { counterBounds } from '../counter-bounds/counter-bounds.ts';
import type { History, Operations } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { longFork } from '../long-fork/long-fork.ts';
import { membership } from '../membership/membership.ts';
import type { Model } from '../model.ts';
import * as models from '../models/index.ts';
import { mutualExclusion } from '../mutual-exclusion/mutual-exclusion.ts';
import { placement } from '../placement/placement.ts';
import { regularRegister, safeRegister, stronglyRegularRegister } from '../regular/regular.ts';
import { sequential } from '../sequential/sequential.ts';
import { sessions } from '../sessions/sessions.ts';
import { setFull } from '../set-full/set-full.ts';
import { staleness } from '../staleness/staleness.ts';
import { totalQueue } from '../total-queue/total-queue.ts';
import { listAppend } from '../transactions/list-append.ts';
import { rwRegister } from '../transactions/rw-register.ts';
import { uniqueIds } from '../unique-ids/unique-ids.ts';
import { containerHistory, type ContainerLoad } from './container-history.ts';
import { growingHistory } from './growing-history.ts';
import { growingSetHistory } from './growing-set-history.ts';
import { lockHistory } from './lock-history.ts';
import { objectHistory, type SimulatedObject } from './object-history.ts';
import * as objects from './objects.ts';
import { registerHistory, type RegisterLoad } from './register-history.ts';
import { setHistory } from './set-history.ts';

/** A checker, and valid histories of any size for it. */
export interface Judged {
  readonly name: string;
  readonly checker: Checker;
  /** Of `linearizable`, what it takes the object for. */
  readonly model?: string;
  readonly history: (operations: number) => History;
  /** What these histories are may be too hard for more operations than these. */
  readonly most?: number;
}

const CLIENTS = 10;
const NODES = 5;
const load = (operations: number) => ({ operations, clients: CLIENTS, seed: 1 });

const registers =
  (more: Partial<RegisterLoad> = {}) =>
  (operations: number): History =>
    registerHistory({ ...load(operations), crashed: 0.02, ...more }).history as unknown as History;
const container =
  (kind: ContainerLoad['kind']) =>
  (operations: number): History =>
    containerHistory({ ...load(operations), kind, crashed: 0.01 });
const object =
  (make: (operations: number) => SimulatedObject, more: { nodes?: number; clients?: number } = {}) =>
  (operations: number): History =>
    objectHistory({ ...load(operations), ...more }, make(operations));

// Each model has operations of its own; here all are looked at alike.
const of = (model: unknown): Pick<Judged, 'checker' | 'model'> => {
  const checker = linearizable(model as Model<Operations, unknown>, { proof: false });
  return { checker, model: checker.model.name };
};
/** A model that does not say what it is, so that nothing but the search fits. */
const plain = ({ name, initial, step, equals, hash, readOnly, anonymous }: Partial<Model<never, never>>) =>
  of({ name, initial, step, equals, hash, readOnly, anonymous });

/** Every checker of the package, and of `linearizable` every way that it has of judging. */
export const judged: readonly Judged[] = [
  { name: 'registers, by zones', ...of(models.casRegister), history: registers() },
  { name: 'registers with many keys', ...of(models.register), history: registers({ keys: 1000 }) },
  {
    name: 'registers of few values',
    ...of(models.casRegister),
    history: registers({ clients: 5, crashed: 0, cas: true, values: 5 }),
  },
  { name: 'queues', ...of(models.queue), history: container('queue') },
  { name: 'stacks', ...of(models.stack), history: container('stack') },
  { name: 'priority queues', ...of(models.priorityQueue), history: container('priority-queue') },
  { name: 'sets', ...of(models.set), history: (operations) => setHistory(load(operations)) },
  {
    name: 'sets that are read',
    ...of(models.set),
    history: (operations) => setHistory({ ...load(operations), reads: 20 / operations }),
  },
  {
    name: 'locks',
    ...of(models.lock),
    history: (operations) => lockHistory({ ...load(operations), owned: true }),
  },
  {
    name: 'mutexes',
    ...of(models.mutex),
    history: (operations) => lockHistory({ ...load(operations), owned: false }),
  },
  {
    name: 'lists that grow',
    ...of(models.appendList),
    history: object(objects.growingList, { clients: 4 }),
    most: 2000,
  },
  {
    name: 'texts that grow',
    ...of(models.kv),
    history: (operations) => growingHistory(load(operations)) as unknown as History,
  },
  {
    name: 'counters, by search',
    ...of(models.counter),
    history: object(objects.counting, { clients: 4 }),
  },
  {
    name: 'registers in transactions, by search',
    ...of(models.multiRegister),
    history: object(objects.pairsOfRegisters, { clients: 4 }),
    most: 2e5,
  },
  {
    name: 'mutexes, by search',
    ...plain(models.mutex as never),
    history: (operations) => lockHistory({ ...load(operations), owned: false }),
  },
  { name: 'safe registers', checker: safeRegister(), history: registers() },
  { name: 'regular registers', checker: regularRegister(), history: registers() },
  { name: 'strongly regular registers', checker: stronglyRegularRegister(), history: registers() },
  { name: 'staleness', checker: staleness(), history: registers() },
  {
    name: 'staleness with many keys',
    checker: staleness(),
    history: registers({ keys: 1000, behind: 1, crashed: 0 }),
  },
  { name: 'causality', checker: causal(), history: registers() },
  { name: 'sessions', checker: sessions(), history: registers() },
  { name: 'sequential consistency', checker: sequential(), history: registers() },
  { name: 'transactions over registers', checker: rwRegister(), history: registers() },
  { name: 'transactions over lists', checker: listAppend(), history: object(objects.listsOfTwenty) },
  {
    name: 'sets that grow',
    checker: setFull(),
    history: (operations) => growingSetHistory({ adds: operations, reads: 50, clients: CLIENTS, seed: 1 }),
  },
  { name: 'queues in total', checker: totalQueue(), history: object(objects.drainedQueue) },
  { name: 'counters within bounds', checker: counterBounds(), history: object(objects.counting) },
  { name: 'unique ids', checker: uniqueIds(), history: object(objects.numbering) },
  { name: 'banks', checker: bank(), history: object(objects.accounts) },
  { name: 'long forks', checker: longFork(), history: object(objects.groupsOfKeys) },
  { name: 'convergence', checker: convergence(), history: object(objects.agreeingNodes, { nodes: NODES }) },
  { name: 'consensus', checker: consensus(), history: object(objects.deciding, { nodes: NODES }) },
  {
    name: 'atomic commitment',
    checker: atomicCommit(),
    history: object(objects.committing, { nodes: NODES }),
  },
  {
    name: 'membership',
    checker: membership({ withinMs: 10 }),
    history: object((operations) => objects.membersOf(NODES, operations), { nodes: NODES }),
  },
  {
    name: 'placement',
    checker: placement(),
    history: object((operations) => objects.owning(NODES, operations), { nodes: NODES }),
  },
  {
    name: 'mutual exclusion',
    checker: mutualExclusion(),
    history: (operations) => lockHistory({ ...load(operations), owned: true }),
  },
];
