import { parseArgs } from 'node:util';
import { MEANINGS } from '../format/meaning.ts';
import type { Format, ReadOptions } from '../format/read-history.ts';
import { checkers } from '../named-checkers.ts';
import { LEVELS } from '../transactions/levels.ts';
import type { Level } from '../transactions/levels.ts';

export interface CliOptions {
  readonly file: string;
  readonly model: string | undefined;
  readonly read: ReadOptions;
  readonly json: boolean;
  readonly proof: boolean;
  readonly seconds: number;
  readonly megabytes: number;
  readonly workers: number;
  /** What staleness is held to. */
  readonly k: number | undefined;
  readonly deltaMs: number | undefined;
  /** What transactions are held to. */
  readonly level: Level | undefined;
}

/** The command line says something that cannot be done. The message says what it may say. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE: string = `knossos-js FILE [options]

Judges a recorded history of concurrent operations: whether its operations can have happened one at a time.

  --model NAME       what the operations are operations of (default: whatever their names suggest)
                     ${[...checkers.keys()].join(', ')}
  --format NAME      how the file is written (default: whatever it looks like)
                     ${Object.keys(MEANINGS).join(', ')}
  --failed-cas WHAT  what a failed compare-and-set means: refused, or did-not-happen
  --nil-read WHAT    what a read of nil means: initial-value, or nothing-known
  --keyed            values are pairs of a key and a value (Jepsen's independent)
  --k VERSIONS       with staleness: of how many last values a read must return one
  --delta-ms MS      with staleness: how much earlier reads may have to have begun
  --level NAME       with list-append or rw-register: the isolation level to hold them to, such as
                     "snapshot isolation" (default: strict serializable, or serializable without times)
  --timeout SECONDS  how long to look for an answer (default 60)
  --memory MB        how much a search may hold (default 2000)
  --workers N        on how many threads (default 1)
  --proof            with --json: include the order that proves a valid history, however long
  --json             print one JSON object
  --help

Exit code: 0 valid, 1 violation, 2 undecided, 64 wrong usage or unreadable file.
`;

/** `undefined` asks for help. */
export function parseOptions(argv: readonly string[]): CliOptions | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError(`expected one file, found ${positionals.length}`);
  const meaning = {
    failedCas: oneOf('--failed-cas', values['failed-cas'], {
      refused: 'refused',
      'did-not-happen': 'did not happen',
    } as const),
    nilRead: oneOf('--nil-read', values['nil-read'], {
      'initial-value': 'initial value',
      'nothing-known': 'nothing known',
    } as const),
  };
  const format = oneOf(
    '--format',
    values.format,
    Object.fromEntries(Object.keys(MEANINGS).map((name) => [name, name as Format])),
  );
  return {
    file,
    model: oneOf(
      '--model',
      values.model,
      Object.fromEntries([...checkers.keys()].map((name) => [name, name])),
    ),
    read: {
      ...(format && { format }),
      ...(meaning.failedCas && { failedCas: meaning.failedCas }),
      ...(meaning.nilRead && { nilRead: meaning.nilRead }),
      ...(values.keyed !== undefined && { keyed: values.keyed }),
    },
    json: values.json ?? false,
    proof: values.proof ?? false,
    seconds: positive('--timeout', values.timeout, 60),
    megabytes: positive('--memory', values.memory, 2000),
    workers: positive('--workers', values.workers, 1),
    k: values.k === undefined ? undefined : whole('--k', values.k),
    deltaMs: values['delta-ms'] === undefined ? undefined : positive('--delta-ms', values['delta-ms'], 0),
    level: oneOf('--level', values.level, Object.fromEntries(LEVELS.map((name) => [name, name]))),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        model: { type: 'string' },
        format: { type: 'string' },
        'failed-cas': { type: 'string' },
        'nil-read': { type: 'string' },
        keyed: { type: 'boolean' },
        k: { type: 'string' },
        'delta-ms': { type: 'string' },
        level: { type: 'string' },
        timeout: { type: 'string' },
        memory: { type: 'string' },
        workers: { type: 'string' },
        proof: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<T>(
  option: string,
  given: string | undefined,
  choices: Readonly<Record<string, T>>,
): T | undefined {
  if (given === undefined) return undefined;
  if (!Object.hasOwn(choices, given))
    throw new UsageError(`${option} ${given}: expected one of ${Object.keys(choices).join(', ')}`);
  return choices[given];
}

function positive(option: string, given: string | undefined, otherwise: number): number {
  const number = given === undefined ? otherwise : Number(given);
  if (!(number > 0 && number < Infinity))
    throw new UsageError(`${option} ${given}: expected a number above 0`);
  return number;
}

function whole(option: string, given: string): number {
  const number = Number(given);
  if (!(Number.isInteger(number) && number >= 1))
    throw new UsageError(`${option} ${given}: expected a whole number from 1`);
  return number;
}
