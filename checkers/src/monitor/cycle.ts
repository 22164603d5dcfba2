import type { Anomaly } from '../checker.ts';
import { INFO, OK } from '../transactions/columns.ts';
import { TransactionsBuilder } from '../transactions/builder.ts';
import { addStep, stepsOf } from '../transactions/from-history.ts';
import { describeAll } from '../transactions/words.ts';
import type { Edge } from './growing-order.ts';
import { isMoment, type Moment, type Transaction, type Why } from './lists.ts';
import type { Seen } from './seen.ts';
import { violation } from './words.ts';

/** A cycle of transactions each of which has to come before the next, told with every reason. */
export function explainCycle(path: readonly Edge<Transaction | Moment, Why>[]): Anomaly {
  const steps = withoutMoments(path);
  const members = steps.map(({ from }) => from.op);
  const readers = steps.map(({ why }) => why.list?.reader);
  const circle = [...members, members[0] as Seen].map(({ id }) => `T${id}`).join(' < ');
  return violation(
    nameOfCycle(steps.map(({ why }) => why.kind)),
    undefined,
    [...members, ...readers],
    `${described(members)}. ${steps.map(reason).join('; ')}. So ${circle}: each must come before itself.`,
  );
}

interface Step {
  readonly from: Transaction;
  readonly to: Transaction;
  readonly why: Why;
}

/** Steps between transactions: those that lead through moments are one step in real time. */
function withoutMoments(path: readonly Edge<Transaction | Moment, Why>[]): Step[] {
  const begin = path.findIndex(({ from }) => !isMoment(from.of));
  const around = [...path.slice(begin), ...path.slice(0, begin)];
  const steps: Step[] = [];
  let from = around[0]?.from.of as Transaction;
  for (const { to, why } of around) {
    if (isMoment(to.of)) continue;
    steps.push({ from, to: to.of, why });
    from = to.of;
  }
  return steps;
}

/** As Adya and Elle call it. */
function nameOfCycle(kinds: readonly Why['kind'][]): string {
  if (kinds.includes('past')) return 'cycle';
  const missed = kinds.filter((kind) => kind === 'rw').length;
  const adjacent = kinds.some((kind, i) => kind === 'rw' && kinds[(i + 1) % kinds.length] === 'rw');
  const name =
    missed === 0
      ? kinds.includes('wr')
        ? 'G1c'
        : 'G0'
      : missed === 1
        ? 'G-single'
        : adjacent
          ? 'G2'
          : 'G-nonadjacent';
  return `${name}${kinds.includes('real time') ? '-realtime' : kinds.includes('session') ? '-process' : ''}`;
}

function reason({ from, to, why }: Step): string {
  const [a, b] = [`T${from.op.id}`, `T${to.op.id}`];
  const key = why.list?.key;
  switch (why.kind) {
    case 'ww':
      return `${b} appended to ${key} after ${a} (ww)`;
    case 'wr':
      return `${b} read ${key} with what ${a} appended (wr)`;
    case 'rw':
      return `${a} read ${key} without what ${b} appended (rw)`;
    case 'session':
      return `${a} came before ${b}, both of client ${from.op.process}`;
    case 'real time':
      return `${a} had returned before ${b} was called`;
    case 'past':
      return `${a} came before ${b}, by way of others that are forgotten`;
  }
}

function described(members: readonly Seen[]): string {
  const builder = new TransactionsBuilder();
  for (const { id, process, f, key, input, output, outcome } of members) {
    builder.begin(id, process, outcome === 'ok' ? OK : INFO);
    for (const step of stepsOf(f, key, input, output, outcome === 'ok') ?? [])
      addStep(builder, step, outcome === 'ok');
  }
  return describeAll(builder.finish(), [...members.keys()]);
}
