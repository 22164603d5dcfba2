import type { Anomaly, History, Key } from 'knossos-js';
import type { DrawnOperation } from '../record/result.ts';
import { draw } from './counterexample.ts';
import { moment, plural, span, value } from './words.ts';

/**
 * One sentence about an anomaly, made of what was asked and answered and of nothing else. It names no cause: whether a
 * partition had to do with it, the reader sees from what is drawn around it. Where the operations have no shape that is
 * known here, the checker's own words serve.
 */
export function violationSentence(anomaly: Anomaly, history: History): string {
  const operations = draw(anomaly, history);
  return (
    lostElement(operations, history) ??
    unwritten(operations, anomaly, history) ??
    outdated(operations) ??
    (anomaly.explanation || `${anomaly.kind}${on(anomaly.key)}.`)
  );
}

/** What an operation saw the register hold, and what it left in it; `undefined` where it says nothing of the kind. */
function seen({ f, input, output, outcome }: DrawnOperation): unknown {
  if (outcome !== 'ok') return undefined;
  if (f === 'read' && !Array.isArray(output)) return output ?? null;
  return f === 'cas' && output !== false ? pair(input)[0] : undefined;
}

function left({ f, input, output, outcome }: DrawnOperation): unknown {
  if (outcome === 'fail') return undefined;
  if (f === 'write') return input;
  return f === 'cas' && output !== false ? pair(input)[1] : undefined;
}

function pair(input: unknown): readonly unknown[] {
  return Array.isArray(input) ? (input as unknown[]) : [];
}

/** Somebody saw a value again after it was known to have been replaced. */
function outdated(operations: readonly DrawnOperation[]): string | undefined {
  for (const late of operations.toReversed()) {
    const old = seen(late);
    if (old === undefined || operations.filter((operation) => left(operation) === old).length > 1) continue;
    // Whoever had to do with the old value and had finished before the newer one was asked for.
    const since = (call: number): boolean =>
      old === null ||
      operations.some((one) => one !== late && ended(one) < call && (seen(one) === old || left(one) === old));
    const newer = operations
      .filter((one) => one !== late && one.outcome === 'ok' && ended(one) < late.call && since(one.call))
      .filter((one) => (left(one) ?? seen(one) ?? old) !== old)
      .toSorted((a, b) => ended(b) - ended(a));
    const witness = newer.find((one) => left(one) !== undefined) ?? newer[0];
    if (witness === undefined) continue;
    const about = left(witness) ?? seen(witness);
    const did = left(witness) === undefined ? `read of ${value(about)}` : `write of ${value(about)}`;
    const ago = span(late.call - ended(witness));
    const order = left(witness) === undefined ? `, and ${value(about)} came after ${value(old)}` : '';
    return `${saw(late)} ${value(old)}, although ${whose(witness, late)} ${did} had completed ${ago} earlier${order}.`;
  }
  return undefined;
}

/** Somebody saw a value before it was written, or one that nobody wrote. */
function unwritten(
  operations: readonly DrawnOperation[],
  anomaly: Anomaly,
  history: History,
): string | undefined {
  for (const early of operations) {
    const got = seen(early);
    if (got === undefined || got === null || ended(early) === Infinity) continue;
    const writers = writersOf(got, early.key, history);
    if (writers.length === 0)
      return `${saw(early)} ${value(got)}, but no write of ${value(got)} exists in this run.`;
    const [first] = writers;
    if (first === undefined) continue;
    if (writers.every(({ outcome }) => outcome === 'fail') && anomaly.operations.length <= 2)
      return `${saw(early)} ${value(got)}, but the write of ${value(got)} was rejected.`;
    if (first.call > ended(early))
      return `${saw(early)} ${value(got)}, a value nobody had written: the write of ${value(got)} began ${span(first.call - ended(early))} later.`;
  }
  return undefined;
}

/** An element that was acknowledged, and is missing from what was read afterwards. */
function lostElement(operations: readonly DrawnOperation[], history: History): string | undefined {
  const add = operations.find(({ f, outcome }) => f === 'add' && outcome === 'ok');
  if (add === undefined) return undefined;
  const lacks = ({ f, output, outcome, call, key }: DrawnOperation): boolean =>
    f === 'read' &&
    outcome === 'ok' &&
    key === add.key &&
    call > ended(add) &&
    Array.isArray(output) &&
    !output.includes(add.input);
  const read = operations.find(lacks);
  if (read === undefined) return undefined;
  const later = readsAfter(ended(add), add.key, history);
  const set = add.key === undefined ? 'the set' : value(add.key);
  if (later.every((output) => !output.includes(add.input)))
    return `The add of ${value(add.input)} to ${set} was acknowledged at ${moment(ended(add))}; ${later.length === 1 ? 'the only later read did not return it' : `none of the ${plural(later.length, 'later read')} ever returned it`}.`;
  return `Client ${read.process} read ${set} at ${moment(read.call)} and did not get ${value(add.input)}, although ${whose(add, read)} add of it had completed ${span(read.call - ended(add))} earlier.`;
}

function readsAfter(seconds: number, key: Key | undefined, history: History): readonly unknown[][] {
  const reads: unknown[][] = [];
  for (const { f, key: its, output, callTime } of history)
    if (f === 'read' && its === key && callTime / 1e9 > seconds && Array.isArray(output)) reads.push(output);
  return reads;
}

/** Every attempt to leave this value in a register, the earliest first. */
function writersOf(of: unknown, key: Key | undefined, history: History) {
  const writers: { readonly call: number; readonly outcome: string }[] = [];
  for (const { f, key: its, input, outcome, callTime } of history) {
    const leaves = f === 'write' ? input : f === 'cas' ? pair(input)[1] : undefined;
    if (its === key && leaves === of) writers.push({ call: callTime / 1e9, outcome });
  }
  return writers;
}

function saw({ process, f, key, call }: DrawnOperation): string {
  const what = key === undefined ? 'the register' : value(key);
  return f === 'read'
    ? `Client ${process} read ${what} at ${moment(call)} and got`
    : `Client ${process} compared and set ${what} at ${moment(call)} and found`;
}

/** `client 2’s`, or `its own`. */
function whose({ process }: DrawnOperation, other: DrawnOperation): string {
  return process === other.process ? 'its own' : `client ${process}’s`;
}

function ended(operation: DrawnOperation): number {
  return operation.outcome === 'ok' ? (operation.return ?? Infinity) : Infinity;
}

const on = (key: Key | undefined): string => (key === undefined ? '' : ` on ${value(key)}`);
