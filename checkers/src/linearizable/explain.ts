import type { History, Operation, Operations } from '../history.ts';
import { ILLEGAL, type Model, type RegisterMove } from '../model.ts';
import { print } from '../models/print.ts';
import { anyHistory } from '../table/table.ts';
import { apart, at, on, placed, they, who } from '../words.ts';
import { READ, registerSteps, SWAP, UNSURE, WRITE } from './register/steps.ts';
import { explainContainer } from './container/explain-container.ts';

/** What is wrong with a set of operations: the name in the literature, and one sentence for people. */
export interface Explanation {
  readonly kind: string;
  readonly explanation: string;
}

/**
 * Names what a counterexample shows. It states only what was observed: who saw what, when, and what had been there
 * before. `history` is the object's whole history, for what is true of all of it ("nobody ever read it").
 */
export function explain<Ops extends Operations, State>(
  set: readonly Operation<Ops>[],
  history: History<Ops>,
  model: Model<Ops, State>,
  /** An order in which some of the set may have taken effect, if there is one and it is found soon. */
  orderOf: (some: readonly Operation<Ops>[]) => readonly Operation<Ops>[] | undefined,
): Explanation {
  return (
    (model.register && explainRegister(set, anyHistory(history), model.register, model.initial)) ??
    (model.container && explainContainer(set, anyHistory(history), model.container)) ??
    explainAny(set, model, orderOf)
  );
}

/** A violation of so few operations is told as a story of two of them. */
const FEW = 6;

/** So many operations, those called last, are looked at for one to blame. */
const BLAMED = 6;

function explainAny<Ops extends Operations, State>(
  set: readonly Operation<Ops>[],
  model: Model<Ops, State>,
  orderOf: (some: readonly Operation<Ops>[]) => readonly Operation<Ops>[] | undefined,
): Explanation {
  const late = set.toSorted((a, b) => b.call - a.call);
  for (const op of late.slice(0, BLAMED)) {
    const order = orderOf(set.filter((other) => other !== op));
    if (!order) continue;
    let state = model.initial;
    for (const step of order) state = model.step(state, step) as State;
    // It may be possible after all others, and impossible only where it had to be.
    if (model.step(state, op) !== ILLEGAL) continue;
    const why = model.explain ? `: ${model.explain(state, op)}` : '';
    const rest = set.length - 1;
    return {
      kind: 'not linearizable',
      explanation: `${did(op)}${why}. No order of these ${rest + 1} operations allows it, though the other ${rest} fit one.`,
    };
  }
  return {
    kind: 'not linearizable',
    explanation: `No order of these ${set.length} operations gives everyone what they saw.`,
  };
}

/** An operation of a register: what it found there and what it left, as texts. */
interface Access {
  readonly op: Operation;
  readonly found?: string;
  readonly left?: string;
}

function explainRegister(
  set: readonly Operation[],
  history: History,
  moves: { readonly [f: string]: RegisterMove },
  initial: unknown,
): Explanation | undefined {
  const accesses = set.map((op) => access(op, moves)).toSorted((a, b) => a.op.call - b.op.call);
  const start = print(initial);
  for (const { op, found } of accesses) {
    if (found === undefined || found === start || op.outcome !== 'ok') continue;
    const writers = accesses.filter(({ left, op: writer }) => left === found && writer !== op);
    const first = writers.toSorted((a, b) => a.op.call - b.op.call)[0];
    if (!first) return neverWritten(op, found, history, moves);
    if (first.op.call > op.return)
      return {
        kind: 'read from the future',
        explanation: `${saw(op, found)}, a value nobody had written: the ${first.op.f} of ${found} began ${apart(first.op.callTime - op.returnTime, 'later')}.`,
      };
  }
  if (accesses.some(({ op }) => op.f === 'acquire')) return doubleHold(accesses);
  const swaps = accesses.filter(
    ({ op, found, left }) => op.outcome === 'ok' && found !== undefined && left !== undefined,
  );
  const rival = swaps.find((a) => swaps.some((b) => a !== b && a.found === b.found && a.op.call < b.op.call));
  if (rival) {
    const other = swaps.find((b) => b !== rival && b.found === rival.found) as Access;
    const writes = accesses.filter(({ left, op }) => left === rival.found && op !== rival.op).length;
    if (writes <= (rival.found === start ? 0 : 1))
      return {
        kind: 'lost update',
        explanation: `${who(rival.op)} and ${they(other.op)} both replaced ${rival.found}${placed(rival.op, 'on')}, by ${rival.left} and ${other.left}, though it was written only once.`,
      };
  }
  // Of many operations no two are to blame.
  return set.length <= FEW ? staleRead(accesses, history, moves, initial) : undefined;
}

function access(op: Operation, moves: { readonly [f: string]: RegisterMove }): Access {
  const move = moves[op.f];
  if (move === 'read') return { op, found: print(op.output) };
  if (move === 'write') return { op, left: print(op.input) };
  if (op.outcome === 'ok' && op.output === false) return { op };
  const [from, to] = (move === 'cas' ? op.input : move) as readonly [unknown, unknown];
  return { op, found: print(from), left: print(to) };
}

function neverWritten(
  op: Operation,
  found: string,
  history: History,
  moves: { readonly [f: string]: RegisterMove },
): Explanation {
  for (const other of history) {
    // A swap that was refused, or an operation that was rejected, leaves nothing; but it did name the value.
    const refused = other.outcome === 'ok' && other.output === false;
    const attempt: Operation = refused ? { ...other, output: true } : other;
    if (!(refused || other.outcome === 'fail') || access(attempt, moves).left !== found) continue;
    const why = other.error === undefined ? '' : ` (${other.error})`;
    return {
      kind: 'aborted read',
      explanation: `${saw(op, found)}, but the ${other.f} of ${found} was ${refused ? 'refused' : 'rejected'}${why}.`,
    };
  }
  return {
    kind: 'never written',
    explanation: `${saw(op, found)}, a value nobody had written: no write of ${found} exists in this history.`,
  };
}

/** Who was called last saw a value although another had been there since. */
function staleRead(
  accesses: readonly Access[],
  history: History,
  moves: { readonly [f: string]: RegisterMove },
  initial: unknown,
): Explanation | undefined {
  const start = print(initial);
  const reader = accesses.findLast(({ op, found }) => op.outcome === 'ok' && found !== undefined);
  if (!reader) return undefined;
  const { op, found } = reader as { op: Operation; found: string };
  // A value is newer if it was asked for after this one had been there, or took this one's place.
  const since = ({ op: other, found: replaced }: Access): boolean =>
    found === start ||
    replaced === found ||
    accesses.some((e) => e !== reader && e.op.return < other.call && (e.left === found || e.found === found));
  const before = accesses.filter(
    (other) =>
      other.op.return < op.call &&
      (other.left ?? other.found) !== found &&
      (other.left ?? other.found) !== undefined &&
      since(other),
  );
  const newer = before.findLast(({ left }) => left !== undefined) ?? before.at(-1);
  if (!newer) return undefined;
  const value = newer.left ?? newer.found;
  const ago = apart(op.callTime - newer.op.returnTime, 'earlier');
  const what = found === start ? `${saw(op, found)}, the initial value` : saw(op, found);
  if (newer.left === undefined)
    return {
      kind: 'stale read',
      explanation: `${what}, although ${newer.op.process === op.process ? 'it' : they(newer.op)} had already read ${value} ${ago}.`,
    };
  const missed = unseenSince(newer.op, history, moves, initial);
  if (missed > 1)
    return {
      kind: 'lost write',
      explanation: `The ${newer.op.f} of ${value} was acknowledged${at(newer.op.returnTime)}; none of the ${missed} later reads${placed(op, 'of')} ever returned ${value} or anything newer.`,
    };
  return {
    kind: 'stale read',
    explanation: `${what}, although ${they(newer.op)}’s ${newer.op.f} of ${value} had completed ${ago}.`,
  };
}

/** How many reads came after a write, if none of them saw it or anything that can have come after it; else 0. */
function unseenSince(
  write: Operation,
  history: History,
  moves: { readonly [f: string]: RegisterMove },
  initial: unknown,
): number {
  const steps = registerSteps(history, moves, initial);
  const { kind, value, length } = steps;
  const oldest = new Map<number, number>([[steps.initial, -1]]);
  for (let row = 0; row < length; row++)
    if (kind[row] === WRITE || kind[row] === SWAP || kind[row] === UNSURE)
      oldest.set(value[row] as number, history.return[row] as number);
  let reads = 0;
  for (let row = 0; row < length; row++) {
    if (kind[row] !== READ || (history.call[row] as number) < write.return) continue;
    reads++;
    if ((oldest.get(value[row] as number) ?? Infinity) >= write.call) return 0;
  }
  return reads;
}

function doubleHold(accesses: readonly Access[]): Explanation {
  const acquired = accesses.filter(({ op }) => op.f === 'acquire' && op.outcome === 'ok');
  const second = acquired.at(-1)?.op;
  const first = acquired.at(-2)?.op;
  if (!first || !second)
    return {
      kind: 'released twice',
      explanation: `A release succeeded although nothing was held: ${accesses.map(({ op }) => did(op)).join('; ')}.`,
    };
  return {
    kind: 'mutual exclusion',
    explanation: `${who(second)} acquired${on(second)}${at(second.returnTime)} although ${they(first)}, which had acquired it${at(first.returnTime)}, had not released it.`,
  };
}

function saw(op: Operation, found: string): string {
  const verb =
    op.output === false || op.f === 'read'
      ? `read${on(op)}${at(op.callTime)} and got ${found}`
      : `did ${op.f} ${print(op.input)}${placed(op, 'on')}${at(op.callTime)} and found ${found}`;
  return `${who(op)} ${verb}`;
}

function did(op: Operation): string {
  const input = op.input === undefined ? '' : ` ${print(op.input)}`;
  const output = op.outcome === 'ok' && op.output !== undefined ? ` → ${print(op.output)}` : '';
  return op.f === 'read'
    ? `${who(op)} read${on(op)}${at(op.callTime)}${op.outcome === 'ok' ? ` and got ${print(op.output)}` : ''}`
    : `${who(op)} did ${op.f}${input}${output}${input === '' && output === '' ? on(op) : placed(op, 'on')}${at(op.callTime)}`;
}
