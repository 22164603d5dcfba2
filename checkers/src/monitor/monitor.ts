import type { Anomaly, Verdict } from '../checker.ts';
import type { HistoryEvent, Key, Mark, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { RegisterKey, type Seen } from './register-key.ts';

/** Judges a history while it is being made. */
export interface Monitor {
  /** Takes the next event. Returns the violation if this event completes one; each key is followed up to its first. */
  observe(event: HistoryEvent | Mark): Anomaly | undefined;
  /** What is known so far. `true` says that the history as it stands is linearizable. */
  verdict(): Verdict;
  /** How many values are still remembered, over all keys: what the memory it needs grows with. */
  readonly remembered: number;
}

/**
 * Watches registers as their history is written, and says at once which event shows that it cannot be linearized. The
 * answers are those of `linearizable` on the same events; memory is bounded by what is still open, because a value that
 * has certainly been overwritten is forgotten. Two things follow:
 *
 * - every value must be written once. A value that comes again while the first is remembered makes its key `unknown`,
 *   and so does a compare-and-set; one that comes again later cannot be told from a new one.
 * - a read of a forgotten value is a violation all right, but which write it saw is forgotten too.
 *
 * A call that never ends, not even by `info`, is open for ever.
 */
export function monitor<Ops extends Operations, State>(model: Model<Ops, State>): Monitor {
  const moves = model.register as Readonly<Record<string, unknown>> | undefined;
  if (!moves || !Object.values(moves).includes('read'))
    throw new TypeError(`${model.name} cannot be monitored: only registers that are read and written can`);
  return new RegisterMonitor(model.name, model.initial, moves);
}

class RegisterMonitor implements Monitor {
  readonly #model: string;
  readonly #initial: unknown;
  readonly #moves: Readonly<Record<string, unknown>>;
  readonly #keys = new Map<Key | undefined, RegisterKey>();
  readonly #open = new Map<number, Seen>();
  readonly #anomalies: Anomaly[] = [];
  readonly #undecided = new Map<Key | undefined, string>();
  #operations = 0;

  constructor(model: string, initial: unknown, moves: Readonly<Record<string, unknown>>) {
    this.#model = model;
    this.#initial = initial;
    this.#moves = moves;
  }

  get remembered(): number {
    let sum = 0;
    for (const key of this.#keys.values()) sum += key.remembered;
    return sum;
  }

  observe(event: HistoryEvent | Mark): Anomaly | undefined {
    if (event.type === 'mark') return undefined;
    if (event.type === 'invoke') return this.#call(event);
    const op = this.#open.get(event.process);
    if (!op) return undefined;
    this.#open.delete(event.process);
    const key = this.#keys.get(op.key);
    if (!key || key.broken) return undefined;
    op.return = event.index;
    op.returnTime = event.time;
    const anomaly = op.reads
      ? key.readEnded(op, event.type === 'ok', event.value ?? null)
      : key.writeEnded(op, event.type);
    if (anomaly) this.#anomalies.push(anomaly);
    return anomaly;
  }

  #call({ index, time, process, f, key: name, value }: HistoryEvent): undefined {
    const id = this.#operations++;
    let key = this.#keys.get(name);
    if (!key) this.#keys.set(name, (key = new RegisterKey(name, this.#initial)));
    const move = this.#moves[f];
    const op = {
      id,
      process,
      key: name,
      value,
      reads: move === 'read',
      call: index,
      callTime: time,
      return: Infinity,
      returnTime: Infinity,
    };
    this.#open.set(process, op);
    if (key.broken || move === undefined) return;
    if (move === 'read') key.readCalled(op);
    else if (move === 'write') {
      if (!key.writeCalled(op)) this.#giveUp(key, `${JSON.stringify(value)} was written twice`);
    } else this.#giveUp(key, `${String(f)} depends on the value that it replaces`);
  }

  #giveUp(key: RegisterKey, why: string): void {
    key.giveUp();
    this.#undecided.set(key.name, why);
  }

  verdict(): Verdict {
    const [first] = this.#undecided;
    const valid = this.#anomalies.length > 0 ? false : first ? 'unknown' : true;
    return {
      checker: 'linearizable',
      valid,
      ...(valid === 'unknown' &&
        first && {
          because: `${first[1]}${first[0] === undefined ? '' : ` on key ${first[0]}`}; check the history when it is complete`,
        }),
      ...(valid === false && { disproves: ['linearizable'] }),
      anomalies: [...this.#anomalies],
      facts: {
        model: this.#model,
        algorithm: 'zones, as events came',
        operations: this.#operations,
        keys: this.#keys.size,
        'keys violated': this.#anomalies.length,
        'keys undecided': this.#undecided.size,
        'values remembered': this.remembered,
      },
    };
  }
}
