import type { HistoryEvent, Key, Mark } from '../history.ts';
import type { Meaning } from './meaning.ts';
import { printed, type MalformedHistory } from './malformed.ts';

/** An operation's event as Jepsen writes it down: a map, whatever its notation. */
export type JepsenMap = Readonly<Record<string, unknown>>;

export interface JepsenOptions extends Meaning {
  /** Whether values are pairs of a key and the value proper, as Jepsen's `independent` makes them. */
  readonly keyed: boolean;
}

/**
 * Translates Jepsen's events into ours: what a client did becomes events, what the nemesis did becomes marks. An `ok`
 * compare-and-set answers `true`, and what a write returns is left out: Jepsen repeats the input there.
 */
export class JepsenTranslator {
  readonly #options: JepsenOptions;
  #index = 0;

  constructor(options: JepsenOptions) {
    this.#options = options;
  }

  translate(
    map: JepsenMap,
    wrong: (expected: string, field: string) => MalformedHistory,
  ): HistoryEvent | Mark {
    const { type, f, process, error } = namedTransaction(map);
    const index = this.#index++;
    const time = typeof map['time'] === 'number' ? map['time'] : Number.NaN;
    if (typeof f !== 'string') throw wrong('an operation to have an :f', 'f');
    if (typeof process !== 'number')
      return { index, time, type: 'mark', name: f, what: describe(f, map['value']) };
    if (!Number.isInteger(process)) throw wrong('a process to be a whole number', 'process');
    const { key, value: plain } = this.#split(map, wrong);
    const value = f === 'txn' ? shortNames(plain) : plain;
    const event = { index, time, process, f, ...(key !== undefined && { key }) };
    const because =
      error === undefined || error === null
        ? {}
        : { error: typeof error === 'string' ? error : printed(error) };
    switch (type) {
      case 'invoke':
        return { ...event, type, ...(value !== null && value !== undefined && f !== 'read' && { value }) };
      case 'ok':
        return this.#answered(event, value);
      case 'fail':
        if (f === 'cas' && this.#options.failedCas === 'refused')
          return { ...event, type: 'ok', value: false };
        return { ...event, type, ...because };
      case 'info':
        return { ...event, type, ...because };
      default:
        throw wrong('a type of :invoke, :ok, :fail or :info', 'type');
    }
  }

  #answered(event: Omit<HistoryEvent, 'type'>, value: unknown): HistoryEvent {
    if (event.f === 'cas') return { ...event, type: 'ok', value: true };
    if (ANSWERLESS.has(String(event.f))) return { ...event, type: 'ok' };
    if (event.f === 'read' && (value === null || value === undefined))
      return this.#options.nilRead === 'initial value'
        ? { ...event, type: 'ok', value: null }
        : { ...event, type: 'fail', error: 'nil: nothing is known of the value' };
    return { ...event, type: 'ok', ...(value !== undefined && { value }) };
  }

  #split(
    map: JepsenMap,
    wrong: (expected: string, field: string) => MalformedHistory,
  ): { key?: Key; value: unknown } {
    const { key, value } = map;
    if (typeof key === 'string' || typeof key === 'number') return { key, value };
    if (!this.#options.keyed) return { value };
    if (!Array.isArray(value) || value.length !== 2) throw wrong('a value of the form [key value]', 'value');
    const [first, second] = value as unknown as readonly [unknown, unknown];
    if (typeof first !== 'string' && typeof first !== 'number')
      throw wrong('a key to be a number or a name', 'value');
    return { key: first, value: second };
  }
}

/** Elle's own examples leave out what a transaction's steps make plain: that it is one, and of the only process. */
function namedTransaction(map: JepsenMap): JepsenMap {
  const { f, value, process } = map;
  if (f !== undefined || !Array.isArray(value) || !value.every((step) => Array.isArray(step))) return map;
  return { ...map, f: 'txn', process: process ?? 0 };
}

/** What these return is what went in. */
const ANSWERLESS = new Set(['write', 'add', 'put', 'append']);

/** Some write the steps of a transaction as `:read` and `:write`, most as `:r` and `:w`. */
function shortNames(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((step: unknown) => {
    if (!Array.isArray(step)) return step;
    const [f, ...rest] = step as unknown[];
    return [f === 'read' ? 'r' : f === 'write' ? 'w' : f, ...rest];
  });
}

function describe(f: string, value: unknown): string {
  return value === null || value === undefined ? f : `${f} ${printed(value)}`;
}
