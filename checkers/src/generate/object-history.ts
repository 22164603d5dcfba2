import type { History, Key } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { NOTHING } from '../table/values.ts';
import { Agenda } from '../heap.ts';
import { fractions } from './fractions.ts';

/** How many clients use an object, and how. */
export interface ObjectLoad {
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
  /** The share of operations that never return. Half of them take effect nevertheless, some long after. */
  readonly crashed?: number;
  /** How many nodes clients speak to, each to one. */
  readonly nodes?: number;
}

interface Asked {
  readonly f: string;
  readonly key?: Key;
  readonly input?: unknown;
}

/** An object as it answers, one operation at a time. Anything may be wrong with it: that is how violations are planted. */
export interface SimulatedObject {
  /** What client `process` does next, for its `turn`th operation of all. */
  ask(turn: number, fraction: () => number, process: number): Asked;
  /** What it answers. Called at the moment at which the operation takes effect, if it does. */
  answer(asked: Asked, process: number): unknown;
}

/**
 * The history that a simulated object leaves behind: each operation takes effect at one moment between its call and its return,
 * all moments drawn from the seed.
 */
export function objectHistory(
  { operations, clients, seed, crashed = 0, nodes = 0 }: ObjectLoad,
  object: SimulatedObject,
): History {
  const fraction = fractions(seed);
  const exponential = (mean: number): number => -Math.log(1 - fraction()) * mean;
  const builder = new TableBuilder();
  const agenda = new Agenda<() => void>();
  let retired = clients;
  let turn = 0;
  let index = 0;
  let now = 0;
  const encode = (value: unknown): number => (value === undefined ? NOTHING : builder.encoder.encode(value));
  const call = (process: number): void => {
    if (turn >= operations) return;
    const asked = object.ask(turn++, fraction, process);
    const node = nodes > 0 ? `n${1 + (process % nodes)}` : undefined;
    builder.call(index++, Math.round(now * 1e6), process, asked.f, asked.key, encode(asked.input), node);
    const latency = exponential(1);
    if (fraction() < crashed) {
      if (fraction() < 0.5)
        agenda.add(now + (fraction() < 0.5 ? fraction() * latency : exponential(50)), () =>
          object.answer(asked, process),
        );
      const successor = retired++;
      agenda.add(now + latency, () => call(successor));
      return;
    }
    let answer: unknown;
    agenda.add(now + fraction() * latency, () => {
      answer = object.answer(asked, process);
    });
    agenda.add(now + latency, () => {
      builder.end(index++, Math.round(now * 1e6), process, asked.f, 0, encode(answer), undefined);
      agenda.add(now + exponential(0.1), () => call(process));
    });
  };
  for (let process = 0; process < clients; process++) agenda.add(exponential(1), () => call(process));
  for (let item = agenda.next(); item; item = agenda.next()) {
    now = item.time;
    item.what();
  }
  return builder.finish();
}
