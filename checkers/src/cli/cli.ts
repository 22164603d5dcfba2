import { readFile, stat } from 'node:fs/promises';
import type { Anomaly, CheckContext, Checker, Histogram, Verdict } from '../checker.ts';
import { MalformedHistory } from '../format/malformed.ts';
import type { Torn } from '../format/jsonl.ts';
import { readHistory } from '../format/read-history.ts';
import type { History, Operation, Operations } from '../history.ts';
import type { LinearizableChecker } from '../linearizable/linearizable.ts';
import { print } from '../models/print.ts';
import { checkers, suggestChecker } from '../named-checkers.ts';
import { inWorkers } from '../pool/index.ts';
import { registerMap } from '../register-map.ts';
import { looksLikeTransactions, readTransactions } from '../transactions/read-transactions.ts';
import { parseOptions, USAGE, UsageError, type CliOptions } from './options.ts';
import { describeMap, judgeTransactions } from './transactions.ts';

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const WORDS = { true: 'valid', false: 'violation', unknown: 'undecided' } as const;
const CODES = { valid: 0, violation: 1, undecided: 2 } as const;

/** The command `knossos-js`; returns the exit code. */
export async function main(argv: readonly string[], { out, err }: Streams): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (!options) {
      out(USAGE);
      return 0;
    }
    return await judge(options, { out, err });
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof MalformedHistory) && !isUnreadable(error))
      throw error;
    err(
      `knossos-js: ${error.message}\n${error instanceof UsageError ? '`knossos-js --help` lists what can be said.\n' : ''}`,
    );
    return 64;
  }
}

async function judge(options: CliOptions, { out, err }: Streams): Promise<number> {
  const bytes = await contents(options.file);
  const context = {
    deadline: performance.now() + options.seconds * 1000,
    now: () => performance.now(),
    memoryBytes: options.megabytes * 1e6,
  };
  const { format: asked } = options.read;
  if (
    (asked === undefined || asked === 'neutral') &&
    looksLikeTransactions(new TextDecoder().decode(bytes.subarray(0, 4096)))
  )
    return judgeFileOfTransactions(options, bytes, context, { out, err });
  const { history, format, torn } = readHistory(bytes, {
    ...options.read,
    file: options.file,
  });
  if (torn) err(tornAt(options.file, torn));
  const model = options.model ?? suggestChecker(history);
  if (model === undefined)
    throw new UsageError(
      `${options.file}: its operations (${history.names.join(', ') || 'none'}) suggest no model; name one with --model`,
    );
  const checker = checkers.get(model)?.({
    ...(options.proof && { proof: true }),
    ...(options.k !== undefined && { k: options.k }),
    ...(options.deltaMs !== undefined && { deltaMs: options.deltaMs }),
    ...(options.level !== undefined && { level: options.level }),
  }) as Checker;
  const threaded =
    options.workers > 1 && isLinearizable(checker)
      ? inWorkers(checker, { workers: options.workers })
      : checker;
  const found = await threaded.check(history, context);
  // Of nothing, everything is true. Whoever asks about a file wants to know whether something in it was right.
  const judged: Verdict =
    history.length > 0 ? found : { ...found, valid: 'unknown', because: 'the history holds no operation' };
  const levels = registerMap(model, judged, history);
  const verdict = { ...judged, ...(levels && { levels }) };
  const word = WORDS[`${verdict.valid}`];
  out(
    options.json
      ? `${JSON.stringify({ verdict: word, file: options.file, format, model, ...(torn && { torn }), ...verdict })}\n`
      : describe(options.file, word, model, format, verdict, history),
  );
  return CODES[word];
}

function tornAt(file: string, { line }: Torn): string {
  return `knossos-js: ${file}:${line}: the file ends in the middle of this line; read up to it\n`;
}

/** A file is read whole, and Node reads none of 2 GiB or more whole. */
const FILE_BYTES_MAX = 2 ** 31 - 1;

async function contents(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > FILE_BYTES_MAX)
    throw new UsageError(
      `${file}: is ${(size / 2 ** 30).toFixed(1)} GiB, and files of up to 2 GiB can be read; split it by key, or by time where nothing is open`,
    );
  return readFile(file);
}

/** One transaction a line, or one of its steps: see {@link readTransactions}. */
function judgeFileOfTransactions(
  { file, json, model: asked, level }: CliOptions,
  bytes: Uint8Array,
  context: CheckContext,
  { out, err }: Streams,
): number {
  const txns = readTransactions(bytes, file);
  const { torn } = txns;
  if (torn) err(tornAt(file, torn));
  const { model, verdict } = judgeTransactions(txns, asked, level, context);
  const word = WORDS[`${verdict.valid}`];
  const format = 'transactions';
  out(
    json
      ? `${JSON.stringify({ verdict: word, file, format, model, ...(torn && { torn }), ...verdict })}\n`
      : [
          describeVerdict(file, word, model, format, verdict),
          ...verdict.anomalies.map(
            ({ kind, key, explanation }) =>
              `\n  ${kind}${key === undefined ? '' : ` on ${key}`}: ${explanation}\n`,
          ),
        ].join(''),
  );
  return CODES[word];
}

function isLinearizable(checker: Checker): checker is LinearizableChecker<Operations> {
  return 'model' in checker;
}

function describe(
  file: string,
  word: string,
  model: string,
  format: string,
  verdict: Verdict,
  history: History,
): string {
  return [
    describeVerdict(file, word, model, format, verdict),
    ...verdict.anomalies.map((anomaly) => `\n${describeAnomaly(anomaly, history)}`),
  ].join('');
}

function describeVerdict(
  file: string,
  word: string,
  model: string,
  format: string,
  verdict: Verdict,
): string {
  const facts = Object.entries(verdict.facts)
    .filter(([name, value]) => name !== 'model' && value !== 0)
    .map(([name, value]) => `  ${name}: ${value}\n`);
  return [
    `${file}: ${word}\n`,
    `  ${verdict.checker}, as ${model}, read as ${format}\n`,
    ...facts,
    ...(verdict.because === undefined ? [] : [`  because: ${verdict.because}\n`]),
    ...(verdict.histograms ?? []).map(describeHistogram),
    describeMap(verdict),
  ].join('');
}

/** A bar a line, the longest as wide as a sentence. */
function describeHistogram({ name, unit, bars }: Histogram): string {
  const most = Math.max(...bars.map(({ count }) => count));
  const lines = bars.map(({ upTo, count }) => {
    const size = `${upTo === 0 ? '0' : `to ${Number(upTo.toPrecision(1))}`} ${unit}`;
    return `    ${size.padEnd(16)} ${String(count).padStart(9)}  ${'█'.repeat(Math.ceil((40 * count) / most))}\n`;
  });
  return `\n  ${name}\n${lines.join('')}`;
}

/** An operation a line, so that the whole proof is on the screen. */
function describeAnomaly({ kind, key, operations, explanation }: Anomaly, history: History): string {
  const shown = operations.slice(0, 40).map((id) => `    ${describeOperation(history.operation(id))}\n`);
  const more = operations.length > shown.length ? `    and ${operations.length - shown.length} more\n` : '';
  return `  ${kind}${key === undefined ? '' : ` on ${key}`}: ${explanation}\n${shown.join('')}${more}`;
}

function describeOperation({
  id,
  process,
  f,
  input,
  output,
  outcome,
  call,
  return: returned,
}: Operation): string {
  const asked = input === undefined ? '' : ` ${print(input)}`;
  const told = outcome === 'info' ? ' → ?' : output === undefined ? '' : ` → ${print(output)}`;
  const span = `events ${call} to ${returned === Infinity ? '∞' : returned}`;
  return `operation ${id}, client ${process}: ${f}${asked}${told}  (${span})`;
}

function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error
  );
}
