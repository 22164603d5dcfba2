import type { History } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { FALSE, NOTHING, NULL, TRUE } from '../table/values.ts';
import type { CasRegisterOps } from '../models/register.ts';
import { fractions } from './fractions.ts';
import { Agenda } from '../heap.ts';

/** What kind of load to make up. */
export interface RegisterLoad {
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
  readonly keys?: number;
  /** How unevenly keys are chosen: 0 is evenly, 1 is Zipf's law. */
  readonly zipf?: number;
  /** The share of operations that never return. Half of those that change something still do, some long after. */
  readonly crashed?: number;
  /** How many different values there are; without it every write writes a new one. */
  readonly values?: number;
  readonly cas?: boolean;
  readonly reads?: number;
  /** How long clients wait between operations, in mean latencies. 0 is full load, the hardest to judge. */
  readonly think?: number;
  /** How many versions behind the last a read may be; each read draws its own, from 0. Without it none is. */
  readonly behind?: number;
  /** How many reads in the last tenth to make stale. */
  readonly stale?: number;
}

export interface Generated {
  readonly history: History<CasRegisterOps>;
  /** The reads that were made stale. */
  readonly planted: readonly number[];
}

/**
 * A history of registers, as a correct store could have left it: a seeded simulation in which each operation takes
 * effect at one moment between its call and its return; with `behind`, a store whose reads lag. `stale` plants violations afterwards.
 */
export function registerHistory(load: RegisterLoad): Generated {
  const {
    operations,
    clients,
    keys = 1,
    crashed = 0,
    values,
    cas = false,
    think = 0,
    stale = 0,
    behind = 0,
  } = load;
  const reads = load.reads ?? (cas ? 1 / 3 : 1 / 2);
  const fraction = fractions(load.seed);
  const exponential = (mean: number): number => -Math.log(1 - fraction()) * mean;
  const chooseKey = zipfian(keys, load.zipf ?? 0, fraction);
  const builder = new TableBuilder<CasRegisterOps>();
  const agenda = new Agenda<{
    readonly stage: 'call' | 'effect' | 'return';
    readonly process: number;
    readonly op?: Op;
  }>();
  const state = new Map<number, number>();
  const written = new Map<number, { readonly value: number; readonly at: number }[]>();
  /** The last values of each key, the current one at the end. */
  const recent = new Map<number, readonly number[]>();
  const ended: Op[] = [];
  let fresh = 1;
  let retired = clients;
  let issued = 0;
  let index = 0;
  const value = (): number => (values === undefined ? fresh++ : 1 + Math.floor(fraction() * values));
  const set = (key: number, to: number): void => {
    state.set(key, to);
    if (behind > 0) recent.set(key, [...(recent.get(key) ?? [NULL]).slice(-behind), to]);
    if (stale === 0) return;
    const all = written.get(key);
    if (all) all.push({ value: to, at: index });
    else written.set(key, [{ value: to, at: index }]);
  };

  for (let process = 0; process < clients; process++) agenda.add(exponential(1), { stage: 'call', process });
  for (let item = agenda.next(); item; item = agenda.next()) {
    const { time, what } = item;
    if (what.stage === 'call') {
      if (issued >= operations) continue;
      const draw = fraction();
      const f = draw < reads ? 'read' : cas && fraction() < 0.5 ? 'cas' : 'write';
      const key = chooseKey();
      const op: Op = { id: issued++, f, key, call: index, from: NULL, to: NULL, answer: NOTHING };
      if (f !== 'read') op.to = value();
      if (f === 'cas')
        op.from =
          fraction() < 0.5
            ? (state.get(key) ?? NULL)
            : values === undefined
              ? Math.max(1, fresh - 2)
              : 1 + Math.floor(fraction() * values);
      const input =
        f === 'read'
          ? NOTHING
          : f === 'write'
            ? op.to
            : builder.encoder.pair(op.from, op.to, op.from === NULL ? null : op.from, op.to);
      builder.call(index++, Math.round(time * 1e6), what.process, f, key, input, undefined);
      const latency = exponential(1);
      if (fraction() < crashed) {
        if (f !== 'read' && fraction() < 0.5)
          agenda.add(time + (fraction() < 0.5 ? fraction() * latency : exponential(50)), {
            ...what,
            stage: 'effect',
            op,
          });
        agenda.add(time + latency, { stage: 'call', process: retired++ });
      } else {
        agenda.add(time + fraction() * latency, { ...what, stage: 'effect', op });
        agenda.add(time + latency, { ...what, stage: 'return', op });
      }
    } else if (what.stage === 'effect' && what.op) {
      const { op } = what;
      const now = state.get(op.key) ?? NULL;
      const last = recent.get(op.key) ?? [NULL];
      if (op.f === 'read')
        op.answer = behind > 0 ? (last[Math.floor(fraction() * last.length)] as number) : now;
      else if (op.f === 'write') set(op.key, op.to);
      else {
        op.answer = now === op.from ? TRUE : FALSE;
        if (now === op.from) set(op.key, op.to);
      }
    } else if (what.op) {
      const { op } = what;
      builder.end(index++, Math.round(time * 1e6), what.process, op.f, 0, op.answer, undefined);
      if (stale > 0) ended.push(op);
      agenda.add(time + (think > 0 ? exponential(think) : 1e-9), { stage: 'call', process: what.process });
    }
  }
  const history = builder.finish();
  return { history, planted: plant(history, ended, written, stale, clients) };
}

interface Op {
  readonly id: number;
  readonly f: 'read' | 'write' | 'cas';
  readonly key: number;
  readonly call: number;
  from: number;
  to: number;
  answer: number;
}

/** Makes reads of the last tenth return what had been overwritten well before they were called. */
function plant(
  history: History<CasRegisterOps>,
  ended: readonly Op[],
  written: ReadonlyMap<number, readonly { readonly value: number; readonly at: number }[]>,
  stale: number,
  clients: number,
): number[] {
  const planted: number[] = [];
  for (const op of ended.toSorted((a, b) => a.id - b.id)) {
    if (planted.length >= stale) break;
    if (op.f !== 'read' || op.id < history.length * 0.9) continue;
    const old = (written.get(op.key) ?? []).filter(({ at }) => at < op.call - 20 * clients);
    if (old.length < 3) continue;
    history.output[op.id] = old.at(-3)?.value as number;
    planted.push(op.id);
  }
  return planted;
}

/** Draws keys whose weights fall with their rank to the power of `skew`. */
function zipfian(keys: number, skew: number, fraction: () => number): () => number {
  if (keys === 1) return () => 0;
  if (skew === 0) return () => Math.floor(fraction() * keys);
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let k = 0; k < keys; k++) sums[k] = sum += (k + 1) ** -skew;
  return () => {
    const draw = fraction() * sum;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < draw) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
