import type { HistoryEvent, Key, Operations } from 'knossos-js';
import { seeded, type Random } from '../../harness/random.ts';
import type { Invocation, OperationGenerator, Source } from '../../harness/workload.ts';

/** A correct object, asked one operation at a time: what it answers, and what it has become. */
export type Reference<Ops extends Operations> = (
  key: Key | undefined,
  f: keyof Ops,
  input: unknown,
) => unknown;

export interface SimulateOptions {
  readonly seed: number;
  readonly operations: number;
  readonly clients: number;
  /** The share of operations that end in `fail`, and the share that end in `info`, half of which take effect. */
  readonly lost: number;
  readonly reads: readonly string[];
}

/**
 * What a correct system would have answered: every operation takes effect at one moment between its call and its return,
 * a moment drawn from the seed. What has no known outcome takes effect then, or never.
 */
export function simulate<Ops extends Operations>(
  source: Source<Ops>,
  object: Reference<Ops>,
  { seed, operations, clients, lost, reads }: SimulateOptions,
): HistoryEvent[] {
  const random = seeded(seed).fork('simulate');
  const turns = seeded(seed).fork('turns');
  const generator = generatorOf(source);
  const agenda = new Agenda();
  const events: HistoryEvent[] = [];
  let asked = 0;
  for (let client = 0; client < clients; client++) ask(client, client, 0);
  agenda.run();
  return events;

  function ask(client: number, process: number, at: number): void {
    agenda.at(at, () => {
      if (asked === operations) return;
      const node = `n${(client % 3) + 1}`;
      const invocation = generator.next({ process, node, time: at, random: turns });
      if (invocation === 'done') return;
      if (invocation === 'wait') return ask(client, process, at + 1e6);
      asked++;
      perform(client, process, at, node, invocation);
    });
  }

  function perform(
    client: number,
    process: number,
    at: number,
    node: string,
    invocation: Invocation<Ops>,
  ): void {
    const { key, value } = invocation;
    const f = invocation.f as keyof Ops & string;
    const reading = reads.includes(f);
    const about = { process, f, ...(key !== undefined && { key }) };
    const tell = (time: number, type: HistoryEvent['type'], more: Partial<HistoryEvent>): void => {
      events.push({ index: events.length, time, ...about, type, ...more } as HistoryEvent);
      generator.observe?.({ ...about, type, ...('value' in more && { value: more.value }) });
    };
    tell(at, 'invoke', { node, ...(value !== undefined && { value }) });
    const back = at + latency(random);
    const effect = Math.round(at + random.fraction() * (back - at));
    const fate = random.fraction();
    let output: unknown;
    if (fate >= lost || (fate < lost / 4 && !reading))
      agenda.at(effect, () => (output = object(key, f, value)));
    agenda.at(back, () => {
      if (fate >= lost) tell(back, 'ok', output === undefined ? {} : { value: output });
      else if (fate >= lost / 2 || reading) tell(back, 'fail', { error: 'refused' });
      else tell(back, 'info', { error: 'timed out' });
      // A process whose operation may still be going on is retired; another takes its client's place.
      ask(
        client,
        fate < lost / 2 && !reading ? process + clients : process,
        back + Math.round(latency(random) / 4),
      );
    });
  }
}

/** About a millisecond, now and then much more, in whole nanoseconds. */
function latency(random: Random): number {
  return Math.round(
    1e6 * (0.2 + random.fraction() + (random.fraction() < 0.02 ? 20 * random.fraction() : 0)),
  );
}

/** Things to do, each at its time; of those at the same time, in order of being asked for. */
class Agenda {
  /** The next one last. */
  readonly #todo: { readonly time: number; readonly act: () => void }[] = [];

  at(time: number, act: () => void): void {
    let place = this.#todo.length;
    while (place > 0 && (this.#todo[place - 1]?.time ?? 0) <= time) place--;
    this.#todo.splice(place, 0, { time, act });
  }

  run(): void {
    for (let item = this.#todo.pop(); item !== undefined; item = this.#todo.pop()) item.act();
  }
}

export function generatorOf<Ops extends Operations>(source: Source<Ops>): OperationGenerator<Ops> {
  if (!(Symbol.iterator in source)) return source;
  const iterator = source[Symbol.iterator]();
  return {
    next() {
      const { done, value } = iterator.next();
      return done === true ? 'done' : (value as Invocation<Ops>);
    },
  };
}
