import type { HistoryEvent, Key, Mark } from 'knossos-js';

/**
 * A history as Jepsen writes it: one EDN map an event, which Jepsen, Knossos and Elle read, so that anyone can cross-check
 * a verdict of ours with theirs.
 *
 * What differs is translated: an operation with a key becomes a pair `[key value]`, as `jepsen.independent` has it; an
 * acknowledgement repeats what was asked; a compare-and-set that was refused, evidence for us, becomes `:fail`; marks
 * become operations of `:nemesis`.
 */
export class EdnHistory {
  /** What each process is waiting for. */
  readonly #asked = new Map<number, unknown>();
  readonly #only: Key | undefined;
  #index = 0;

  /** `only`: of a history with keys, this one's operations alone, without it: what Knossos wants. */
  constructor(only?: Key) {
    this.#only = only;
  }

  /** The event's line, or nothing where it belongs to another key. */
  line(event: HistoryEvent | Mark): string | undefined {
    if (event.type === 'mark') return this.#print(markOf(event));
    if (this.#only !== undefined && String(event.key) !== String(this.#only)) return undefined;
    return this.#print(this.#operation(event));
  }

  #operation({ type, process, f, key, value, time, node, error }: HistoryEvent): Fields {
    if (type === 'invoke') this.#asked.set(process, value);
    const asked = this.#asked.get(process);
    const refused = f === 'cas' && type === 'ok' && value === false;
    const said = type === 'ok' && !refused && observes(value, f) ? value : asked;
    const proper = f === 'txn' ? steps(said) : edn(said);
    const keyed = key !== undefined && this.#only === undefined;
    return [
      ['type', keyword(refused ? 'fail' : type)],
      ['process', String(process)],
      ['f', keyword(String(f))],
      ['value', keyed ? `[${edn(key)} ${proper}]` : proper],
      ['time', String(Math.round(time))],
      ...(node === undefined ? [] : [['node', edn(node)] as const]),
      ...(refused ? [['error', ':refused'] as const] : []),
      ...(error === undefined ? [] : [['error', edn(error)] as const]),
    ];
  }

  #print(fields: Fields): string {
    const all = [['index', String(this.#index++)] as const, ...fields];
    return `{${all.map(([name, text]) => `:${name} ${text}`).join(', ')}}`;
  }
}

type Fields = readonly (readonly [name: string, text: string])[];

function markOf({ name, what, time }: Mark): Fields {
  return [
    ['type', ':info'],
    ['process', ':nemesis'],
    ['f', keyword(name)],
    ['value', edn(what)],
    ['time', String(time)],
  ];
}

/** Whether an answer says anything that was not in the question. */
function observes(value: unknown, f: HistoryEvent['f']): boolean {
  return value !== undefined && f !== 'cas' && !(f === 'write' && value === null);
}

/** The steps of a transaction, `[:append "x" 1]`: Elle wants their names as keywords. */
function steps(value: unknown): string {
  if (!Array.isArray(value)) return edn(value);
  return `[${value
    .map((step: unknown) =>
      Array.isArray(step) && typeof step[0] === 'string'
        ? `[${[keyword(step[0]), ...step.slice(1).map(edn)].join(' ')}]`
        : edn(step),
    )
    .join(' ')}]`;
}

/** A name that is no keyword as it stands is a string, whatever it holds. */
function keyword(name: string): string {
  return /^[A-Za-z][\w*+!?<>=.-]*$/.test(name) ? `:${name}` : edn(name);
}

/** A JSON value as EDN. Values are what `JSON.parse` made, and nest no deeper than it allows. */
export function edn(value: unknown): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'number') return String(value).replace('e+', 'e');
  if (typeof value === 'string') return string(value);
  if (Array.isArray(value)) return `[${value.map(edn).join(' ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, of]) => `${string(key)} ${edn(of)}`)
      .join(', ')}}`;
  return value === true ? 'true' : 'false';
}

/** JSON's strings are EDN's, but for the escapes that EDN does not know. */
function string(text: string): string {
  return JSON.stringify(text).replace(/\\([bf])/g, (_, letter) => (letter === 'b' ? '\\u0008' : '\\u000c'));
}
