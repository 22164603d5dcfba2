import type { DrawnOperation } from '../record/result.ts';

/**
 * What an object can be at each moment, as far as the drawn operations tell.
 *
 * The operations are replayed in real time. Between its call and its return an operation may take effect at any
 * instant, so at every moment there is a set of states that the object can be in:
 *
 * ```
 *   write 14  |────|
 *   write 15            |──────|
 *   read → 14                         |────|
 *   can be    14        14 or 15  only 15   ✗  when it returns, no possible state has given 14
 * ```
 *
 * A return narrows the set to the states in which that operation has taken effect. The return that leaves
 * nothing is the step that is impossible: everything before it fits some order, with it nothing does.
 */
export interface Replay {
  readonly moments: readonly Moment[];
  /** The operation whose return nothing explains; absent when the operations fit one order after all. */
  readonly impossible?: DrawnOperation;
}

/** From `from` until the next moment, the object can be any of `states`. */
export interface Moment {
  readonly from: number;
  readonly states: readonly string[];
  readonly cause: { readonly operation: DrawnOperation; readonly edge: 'call' | 'return' };
}

/** What the drawn operations do to the object. States are strings, so that they can be compared and shown. */
export interface Semantics {
  /** `x246`, `element 17`: what {@link Moment.states} are states of. */
  readonly subject: string;
  readonly initial: string;
  /** The state after the operation; `undefined` where it could not have answered what it did. */
  step(state: string, operation: DrawnOperation): string | undefined;
  /** Several states in words, at most `limit` characters: `14 or 15`. */
  show(states: readonly string[], limit: number): string;
  /** What ends a certainty: `the next write`. */
  readonly until?: string;
  /** What an operation answered about this object, where that is shorter than all of it: `900 elements, without 17`. */
  answered?(operation: DrawnOperation): string | undefined;
}

/** Past this, the search could take longer than the report is worth; counterexamples that people can read are smaller. */
const MOST_OPERATIONS = 20;
const MOST_CONFIGURATIONS = 20_000;

/** One way things may stand: a state, and which of the open operations have taken effect (one bit each). */
interface Configuration {
  readonly state: string;
  readonly done: number;
}

export function replay(operations: readonly DrawnOperation[], object: Semantics): Replay | undefined {
  const taking = operations.filter((operation) => operation.outcome !== 'fail');
  if (taking.length > MOST_OPERATIONS) return undefined;
  const moments: Moment[] = [];
  let now: readonly Configuration[] = [{ state: object.initial, done: 0 }];
  let open = 0;
  for (const { operation, bit, edge, at } of edges(taking)) {
    if (edge === 'call') open |= bit;
    else {
      now = now.filter(({ done }) => done & bit).map(({ state, done }) => ({ state, done: done & ~bit }));
      open &= ~bit;
      if (now.length === 0) return { moments, impossible: operation };
    }
    const reached = spread(now, open, taking, object);
    if (reached === undefined) return undefined;
    now = reached;
    moments.push({ from: at, states: distinct(now), cause: { operation, edge } });
  }
  return { moments };
}

interface Edge {
  readonly operation: DrawnOperation;
  readonly bit: number;
  readonly edge: 'call' | 'return';
  readonly at: number;
}

/** Calls and returns by time. At one instant calls come first, which can only widen what is possible. */
function edges(operations: readonly DrawnOperation[]): Edge[] {
  return operations
    .flatMap((operation, i): Edge[] => {
      const bit = 1 << i;
      const call: Edge = { operation, bit, edge: 'call', at: operation.call };
      return operation.outcome === 'ok' && operation.return !== undefined
        ? [call, { operation, bit, edge: 'return', at: operation.return }]
        : [call];
    })
    .toSorted((a, b) => a.at - b.at || Number(a.edge === 'return') - Number(b.edge === 'return'));
}

/** Everything that can be reached when open operations take effect in any order. */
function spread(
  from: readonly Configuration[],
  open: number,
  operations: readonly DrawnOperation[],
  object: Semantics,
): Configuration[] | undefined {
  const seen = new Map(from.map((one) => [`${one.done} ${one.state}`, one]));
  // A Map iterates over what is added while it is iterated over, so this ends when nothing new is reached.
  for (const { state, done } of seen.values()) {
    for (const [i, operation] of operations.entries()) {
      const bit = 1 << i;
      if (!(open & bit) || done & bit) continue;
      const next = object.step(state, operation);
      if (next === undefined) continue;
      const one = { state: next, done: done | bit };
      seen.set(`${one.done} ${one.state}`, seen.get(`${one.done} ${one.state}`) ?? one);
    }
    if (seen.size > MOST_CONFIGURATIONS) return undefined;
  }
  return [...seen.values()];
}

function distinct(configurations: readonly Configuration[]): string[] {
  return [...new Set(configurations.map(({ state }) => state))];
}
