import type { Checker } from './checker.ts';
import { bank } from './bank/bank.ts';
import { causal } from './causal/causal.ts';
import { convergence } from './convergence/convergence.ts';
import { counterBounds } from './counter-bounds/counter-bounds.ts';
import type { History } from './history.ts';
import { linearizable, type LinearizableOptions } from './linearizable/linearizable.ts';
import { longFork } from './long-fork/long-fork.ts';
import { models } from './models/named.ts';
import { regularRegister, safeRegister, stronglyRegularRegister } from './regular/regular.ts';
import { sequential } from './sequential/sequential.ts';
import { GUARANTEES, sessions } from './sessions/sessions.ts';
import { setFull } from './set-full/set-full.ts';
import { staleness, type StalenessOptions } from './staleness/staleness.ts';
import { decode } from './table/values.ts';
import { totalQueue } from './total-queue/total-queue.ts';
import { listAppend } from './transactions/list-append.ts';
import type { TransactionOptions } from './transactions/list-append.ts';
import { rwRegister } from './transactions/rw-register.ts';
import { uniqueIds } from './unique-ids/unique-ids.ts';

/** What a command line can say; each checker heeds what concerns it. */
export interface NamedOptions
  extends LinearizableOptions, Pick<StalenessOptions, 'k' | 'deltaMs'>, TransactionOptions {}

/** What histories can be judged by, by the names that a command line takes. Those of models mean "is linearizable". */
export const checkers: ReadonlyMap<string, (options?: NamedOptions) => Checker> = new Map([
  ...[...models].map(
    ([name, model]) => [name, (options?: NamedOptions) => linearizable(model, options)] as const,
  ),
  ['safe-register', () => safeRegister()],
  ['regular-register', () => regularRegister()],
  ['strongly-regular-register', () => stronglyRegularRegister()],
  ['staleness', (options?: NamedOptions) => staleness(options)],
  ['set-full', () => setFull()],
  ['total-queue', () => totalQueue()],
  ['counter-bounds', () => counterBounds()],
  ['unique-ids', () => uniqueIds()],
  ['bank', () => bank()],
  ['long-fork', () => longFork()],
  ['convergence', () => convergence()],
  ['list-append', (options?: NamedOptions) => listAppend(options)],
  ['rw-register', (options?: NamedOptions) => rwRegister(options)],
  ['causal', () => causal()],
  ['sessions', () => sessions({ guarantees: GUARANTEES })],
  ['sequential', () => sequential()],
] as const);

/** Operations that tell what a history is about; the first line all of whose names are among a history's decides. */
const SIGNS: readonly (readonly [checker: string, ...names: readonly string[]])[] = [
  ['cas-register', 'read', 'cas'],
  ['mutex', 'acquire', 'release'],
  ['kv', 'get', 'append'],
  ['kv', 'get', 'put'],
  ['total-queue', 'enqueue', 'drain'],
  ['queue', 'enqueue', 'dequeue'],
  ['bank', 'transfer', 'read'],
  ['unique-ids', 'generate'],
  ['stack', 'push', 'pop'],
  ['priority-queue', 'insert', 'take'],
  ['append-list', 'append', 'read'],
  ['set-full', 'add', 'read'],
  ['register', 'read', 'write'],
  ['cas-register', 'write'],
  ['cas-register', 'cas'],
  ['register', 'read'],
];

/** The name of the checker that a history's operations suggest, or `undefined` if they suggest none. */
export function suggestChecker(history: History): string | undefined {
  if (history.names.includes('txn')) return appends(history) ? 'list-append' : 'rw-register';
  const found = SIGNS.find(([, ...names]) => names.every((name) => history.names.includes(name)));
  // Whoever adds numbers and reads one number counts.
  if (found?.[0] === 'set-full' && countsUp(history)) return 'counter';
  return found?.[0];
}

function appends(history: History): boolean {
  return history.input.some((code) => {
    const steps = decode(code, history.values);
    return Array.isArray(steps) && steps.some((step: unknown) => Array.isArray(step) && step[0] === 'append');
  });
}

function countsUp(history: History): boolean {
  const read = history.names.indexOf('read');
  return history.f.some(
    (f, id) => f === read && typeof decode(history.output[id] as number, history.values) === 'number',
  );
}
