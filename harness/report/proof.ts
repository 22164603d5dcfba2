import type { Counterexample, DrawnFault, DrawnOperation } from '../record/result.ts';
import { replay, type Moment, type Semantics } from './replay.ts';
import { semanticsOf } from './semantics.ts';
import { answered, observes } from './words.ts';

/**
 * A counterexample with what a reader is shown of it: the step that cannot be, what it contradicts, how far apart
 * the two are, and what the object can be at each moment. Everything is computed from the drawn operations alone.
 */
export interface Proof {
  readonly counterexample: Counterexample;
  /** By call. */
  readonly operations: readonly DrawnOperation[];
  /** The operation after which no order of these operations is left. */
  readonly impossible: DrawnOperation;
  /** What the impossible step contradicts: completed before it began, or not begun when it had ended. */
  readonly against?: Contradiction;
  readonly object?: Semantics;
  readonly moments: readonly Moment[];
  /** In force when the impossible step was asked for. */
  readonly during: readonly DrawnFault[];
  /** Digits behind the second that keep different moments different. */
  readonly decimals: number;
}

interface Contradiction {
  readonly operation: DrawnOperation;
  /** `later`: the impossible step began so long after this had returned. `before`: it ended so long before this began. */
  readonly relation: 'later' | 'before';
  readonly from: number;
  readonly to: number;
}

export function proofOf(counterexample: Counterexample): Proof | undefined {
  const operations = counterexample.operations.toSorted((a, b) => a.call - b.call || a.id - b.id);
  const object = semanticsOf(operations);
  const played = object && replay(operations, object);
  const impossible = played?.impossible ?? lastToReturn(operations);
  if (impossible === undefined) return undefined;
  const against = contradiction(operations, impossible);
  const shown = played?.impossible !== undefined && object !== undefined;
  return {
    counterexample,
    operations,
    impossible,
    ...(against && { against }),
    // Where the replay finds nothing wrong, the promise broken is another than real-time order, and a row of
    // possible states would argue against the verdict that it is meant to explain.
    ...(shown && { object }),
    moments: shown ? played.moments : [],
    during: counterexample.faults.filter(
      ({ from, to }) => from <= impossible.call && (to === undefined || to > impossible.call),
    ),
    decimals: decimals(operations),
  };
}

/** What an operation answered, in as few words as its object allows. */
export function replyOf({ object }: Proof, operation: DrawnOperation): string {
  return object?.answered?.(operation) ?? answered(operation);
}

/** A minimal set is possible without its last answer, so that is where it becomes impossible. */
function lastToReturn(operations: readonly DrawnOperation[]): DrawnOperation | undefined {
  const informed = operations.filter(observes);
  return (informed.length > 0 ? informed : operations)
    .toSorted((a, b) => (a.return ?? Infinity) - (b.return ?? Infinity))
    .at(-1);
}

function contradiction(
  operations: readonly DrawnOperation[],
  impossible: DrawnOperation,
): Contradiction | undefined {
  const others = operations.filter((operation) => operation !== impossible);
  const ended = impossible.return;
  const source = others.find(({ input }) => input !== undefined && same(input, impossible.output));
  if (ended !== undefined && source !== undefined && source.call > ended)
    return { operation: source, relation: 'before', from: ended, to: source.call };
  const earlier = others
    .filter((other) => other.outcome === 'ok' && other.return !== undefined && other.return < impossible.call)
    .toSorted((a, b) => (a.return ?? 0) - (b.return ?? 0))
    .at(-1);
  return earlier?.return === undefined
    ? undefined
    : { operation: earlier, relation: 'later', from: earlier.return, to: impossible.call };
}

function decimals(operations: readonly DrawnOperation[]): number {
  const times = operations.flatMap((operation) =>
    operation.return === undefined ? [operation.call] : [operation.call, operation.return],
  );
  const apart = new Set(times).size;
  return [3, 4, 5].find((digits) => new Set(times.map((t) => t.toFixed(digits))).size === apart) ?? 6;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
