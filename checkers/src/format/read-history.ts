import type { HistoryEvent, Mark, Operations } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { add } from '../table/tabulate.ts';
import { readEdn } from './edn.ts';
import { JepsenTranslator, type JepsenMap } from './jepsen.ts';
import { readJsonl, type ReadHistory, type Torn } from './jsonl.ts';
import { MalformedHistory, printed, whereJsonFails } from './malformed.ts';
import { MEANINGS, type Meaning } from './meaning.ts';
import { readNeutral } from './neutral.ts';

export type Format = keyof typeof MEANINGS;

export interface ReadOptions extends Partial<Meaning> {
  /** Without it the format is recognised by how the file begins. */
  readonly format?: Format;
  /** What messages call the file. */
  readonly file?: string;
  /** Whether values of Jepsen's events are pairs of a key and a value. Without it: if reads are invoked with `[key nil]`. */
  readonly keyed?: boolean;
}

/**
 * Reads a history in any of the formats this package knows:
 *
 * - `jsonl`: ours, one event a line;
 * - `edn`: Jepsen's and Knossos' maps, one after another or in a vector;
 * - `jepsen-json`: the same maps in a JSON array;
 * - `jepsen-log`: lines of the old `jepsen.util` logger, among any others;
 * - `porcupine-kv`: maps with `get`, `put` and `append`, as in Porcupine's test data;
 * - `neutral`: one operation a line, with the positions of its call and return.
 */
export function readHistory<Ops extends Operations = Operations>(
  source: string | Uint8Array,
  options: ReadOptions = {},
): ReadHistory<Ops> & { readonly format: Format } {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const format = options.format ?? recognise(text);
  const file = options.file ?? 'history';
  const meaning = { ...MEANINGS[format], ...dropUndefined(options) };
  switch (format) {
    case 'jsonl':
      return { ...readJsonl<Ops>(source, file), format };
    case 'neutral':
      return { ...readNeutral<Ops>(text, file), format };
    case 'edn':
    case 'porcupine-kv':
      return {
        ...translate<Ops>(maps(text, file), meaning, file),
        format,
      };
    case 'jepsen-json':
      return {
        ...translate<Ops>(objects(text, file), meaning, file),
        format,
      };
    case 'jepsen-log':
      return {
        ...translate<Ops>({ found: logged(text, file) }, meaning, file),
        format,
      };
  }
}

/** What a file looks like. Asked about files that nobody named the format of; nothing depends on its name. */
export function recognise(text: string): Format {
  const head = text.slice(0, 4096);
  if (/^\s*\{"/.test(head)) return /"i":/.test(head) && /"e":/.test(head) ? 'neutral' : 'jsonl';
  if (/^\s*\[\s*(\{\s*"|\]?\s*$)/.test(head)) return 'jepsen-json';
  if (/jepsen\.util - /.test(head)) return 'jepsen-log';
  if (/:f :(get|put|append)\b/.test(head) && /:key /.test(head)) return 'porcupine-kv';
  return 'edn';
}

interface Found {
  readonly map: JepsenMap;
  /** Where it stands, asked only when something is wrong with it. */
  readonly place: () => Place;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function translate<Ops extends Operations>(
  { found, torn }: { readonly found: readonly Found[]; readonly torn?: Torn },
  meaning: Meaning & { readonly keyed?: boolean },
  file: string,
): ReadHistory<Ops> {
  const translator = new JepsenTranslator({ ...meaning, keyed: meaning.keyed ?? readsNameKeys(found) });
  const builder = new TableBuilder<Ops>();
  const marks: Mark[] = [];
  for (const { map, place } of found) {
    const event = translator.translate(
      map,
      (expected, field) => new MalformedHistory({ file, ...place() }, expected, printed(map[field])),
    );
    if (event.type === 'mark') marks.push(event);
    else {
      const wrong = add(builder, event as HistoryEvent<Ops>);
      if (wrong !== undefined)
        throw new MalformedHistory({ file, ...place() }, `an event that can come next (${wrong})`);
    }
  }
  return { history: builder.finish(), marks, ...(torn && { torn }) };
}

/** Whether every read is invoked with a pair of a key and nothing, which is how `jepsen.independent` says what is read. */
function readsNameKeys(found: readonly Found[]): boolean {
  const reads = found.filter(({ map }) => map['type'] === 'invoke' && map['f'] === 'read');
  return (
    reads.length > 0 &&
    reads.every(({ map: { value } }) => Array.isArray(value) && value.length === 2 && value[1] === null)
  );
}

/** The maps of an EDN file: each at the top, or all in one vector. What of a torn vector is whole counts. */
function maps(text: string, file: string): { readonly found: readonly Found[]; readonly torn?: Torn } {
  const { forms, torn } = readEdn(text, file);
  const partial = torn && Array.isArray(torn.value) ? [torn] : [];
  const found = [...forms, ...partial].flatMap(({ value, line, column }) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).map((map) => ({
      map: asMap(map, () => ({ file, line, column })),
      place: () => ({ line, column }),
    })),
  );
  return { found, ...(torn && { torn: { line: torn.line, bytes: text.length } }) };
}

/** The maps of a JSON array, or one after another. What of a torn array is whole counts. */
function objects(text: string, file: string): { readonly found: readonly Found[]; readonly torn?: Torn } {
  try {
    const all: unknown = JSON.parse(text);
    if (Array.isArray(all)) return { found: placed(all, text, file) };
    const place = (): Place => ({ line: 1, column: 1 });
    return { found: [{ map: asMap(all, () => ({ file, ...place() })), place }] };
  } catch (error) {
    if (error instanceof MalformedHistory) throw error;
    const at = whereJsonFails(error, text);
    const torn = untilTear(text, file, at);
    if (torn) return torn;
    throw new MalformedHistory(
      { file, line: text.slice(0, at).split('\n').length, column: at - text.lastIndexOf('\n', at - 1) },
      'JSON',
      text.slice(at, at + 60).split('\n')[0],
    );
  }
}

/** Up to the last map that is whole, where nothing is wrong but that the file ends too early. */
function untilTear(
  text: string,
  file: string,
  at: number,
): { readonly found: readonly Found[]; readonly torn: Torn } | undefined {
  if (!text.trimStart().startsWith('[') || text.slice(at).trimEnd().length > 0) return undefined;
  for (let end = text.lastIndexOf('}'), tries = 0; end > 0 && tries < TEAR_TRIES; tries++) {
    try {
      const all = JSON.parse(`${text.slice(0, end + 1)}]`) as unknown[];
      return {
        found: placed(all, text, file),
        torn: { line: text.split('\n').length, bytes: end + 1 },
      };
    } catch (error) {
      if (error instanceof MalformedHistory) throw error;
      end = text.lastIndexOf('}', end - 1);
    }
  }
  return undefined;
}

/** The elements of an array, each with its place in the text of it. */
function placed(all: readonly unknown[], text: string, file: string): Found[] {
  return all.map((map, i) => {
    const place = (): Place => elementPlace(text, i);
    return { map: asMap(map, () => ({ file, ...place() })), place };
  });
}

/** Where an element of an array begins, in a text that is known to be JSON, up to a tear. */
function elementPlace(text: string, index: number): Place {
  let [depth, commas] = [0, 0];
  for (const { 0: token, index: at } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},]|[^\s[\]{},"]+/g)) {
    if (token === ',' && depth === 1) commas++;
    else if (depth === 1 && commas === index) {
      const before = text.slice(0, at);
      return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
    } else if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
  }
  return { line: 1, column: 1 };
}

/** A map that was torn holds few others. */
const TEAR_TRIES = 8;

function asMap(map: unknown, where: () => Place & { readonly file: string }): JepsenMap {
  if (typeof map === 'object' && map !== null && !Array.isArray(map)) return map as JepsenMap;
  throw new MalformedHistory(where(), 'a map with :process, :type and :f', printed(map));
}

/** `INFO  jepsen.util - 3	:invoke	:write	4`, and whatever else a log holds. */
function logged(text: string, file: string): readonly Found[] {
  const found: Found[] = [];
  for (const [i, content] of text.split('\n').entries()) {
    const match = /jepsen\.util - (\S+)\s+:(invoke|ok|fail|info)\s+:([\w-]+)\s*(.*)$/.exec(content);
    if (!match) continue;
    const [, process, type, f, rest] = match as unknown as readonly [string, string, string, string, string];
    const where = { line: i + 1, column: match.index + 1 };
    const values = valuesOf(rest, { file, line: i + 1, column: content.length - rest.length + 1 });
    // A failure's value is its reason, where it is not the input once more.
    const error = typeof values[0] === 'string' ? values[0] : undefined;
    found.push({
      map: {
        process: /^\d+$/.test(process) ? Number(process) : process,
        type,
        f,
        value: error === undefined ? values[0] : undefined,
        ...(error !== undefined && { error }),
      },
      place: () => where,
    });
  }
  return found;
}

/** The values at the end of a line of a log. */
function valuesOf(text: string, at: Place & { readonly file: string }): readonly unknown[] {
  try {
    return readEdn(text, at.file).forms.map(({ value }) => value);
  } catch (error) {
    if (!(error instanceof MalformedHistory)) throw error;
    throw new MalformedHistory({ ...at, column: at.column + error.column - 1 }, error.expected, text);
  }
}

function dropUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
