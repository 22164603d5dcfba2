import type { History, Key, Operations } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { NOTHING } from '../table/values.ts';
import { fractions } from './fractions.ts';
import { Agenda } from '../heap.ts';

/** How many clients ask how much. */
export interface ClientLoad {
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
  /** The share of operations that never return. Half of them still take effect, some long after. */
  readonly crashed?: number;
}

/** An operation to ask for: its input as a code (see table/values.ts), and what it does and answers when it takes effect. */
export interface Asked {
  readonly f: string;
  readonly key?: Key;
  readonly input: number;
  effect(): number;
}

/**
 * The history of clients who all ask as fast as they get answers: a seeded simulation in which each operation takes effect at
 * one moment between its call and its return, so that whatever they ask is correct. `ask` is given the operation's number,
 * who asks, and a source of fractions.
 */
export function clientHistory<Ops extends Operations>(
  { operations, clients, seed, crashed = 0 }: ClientLoad,
  ask: (number: number, process: number, fraction: () => number, builder: TableBuilder<Ops>) => Asked,
): History<Ops> {
  const fraction = fractions(seed);
  const exponential = (mean: number): number => -Math.log(1 - fraction()) * mean;
  const builder = new TableBuilder<Ops>();
  const agenda = new Agenda<Step>();
  let index = 0;
  let retired = clients;
  for (let process = 0; process < clients; process++) agenda.add(exponential(1), { stage: 'call', process });
  for (let item = agenda.next(), issued = 0; item; item = agenda.next()) {
    const { time, what } = item;
    const { process } = what;
    const now = Math.round(time * 1e6);
    if (what.stage === 'call') {
      if (issued >= operations) continue;
      const asked = ask(issued++, process, fraction, builder);
      const op = { asked, answer: NOTHING };
      builder.call(index++, now, process, asked.f, asked.key, asked.input, undefined);
      const latency = exponential(1);
      if (fraction() < crashed) {
        const late = fraction() < 0.5 ? fraction() * latency : exponential(50);
        if (fraction() < 0.5) agenda.add(time + late, { stage: 'effect', process, op });
        agenda.add(time + latency, { stage: 'call', process: retired++ });
      } else {
        agenda.add(time + fraction() * latency, { stage: 'effect', process, op });
        agenda.add(time + latency, { stage: 'return', process, op });
      }
    } else if (what.stage === 'effect') what.op.answer = what.op.asked.effect();
    else {
      builder.end(index++, now, process, what.op.asked.f, 0, what.op.answer, undefined);
      agenda.add(time + 1e-9, { stage: 'call', process });
    }
  }
  return builder.finish();
}

type Step =
  | { readonly stage: 'call'; readonly process: number }
  | { readonly stage: 'effect' | 'return'; readonly process: number; readonly op: Op };

interface Op {
  readonly asked: Asked;
  answer: number;
}
