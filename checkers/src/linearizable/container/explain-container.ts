import type { History, Operation } from '../../history.ts';
import type { ContainerMoves } from '../../model.ts';
import { print } from '../../models/print.ts';
import { apart, at, placed, they, who } from '../../words.ts';

/**
 * Names what a few operations of a container show, if it is one of the things that have a name. For queues they are those of
 * Henzinger, Sezgin and Vafeiadis (2013): VFresh, VRepet, VOrd and VWit.
 */
export function explainContainer(
  set: readonly Operation[],
  history: History,
  moves: ContainerMoves,
): { readonly kind: string; readonly explanation: string } | undefined {
  const puts = set.filter(({ f }) => f === moves.put);
  const takes = set.filter(({ f, outcome }) => f === moves.take && outcome === 'ok');
  if (set.length !== puts.length + takes.length) return undefined;
  for (const take of takes) {
    const element = print(take.output);
    if (element === print(null)) continue;
    const twin = takes.find((other) => other !== take && print(other.output) === element);
    if (twin && twin.call < take.call)
      return {
        kind: 'taken twice',
        explanation: `${got(take)}, which ${they(twin)} had got already, and which was put in only once.`,
      };
    const put = puts.find(({ input }) => print(input) === element);
    if (!put) return neverPut(take, element, history, moves);
    if (put.call > take.return)
      return {
        kind: 'taken before it was put in',
        explanation: `${got(take)}, which nobody had put in: the ${put.f} of ${element} began ${apart(put.callTime - take.returnTime, 'later')}.`,
      };
  }
  const vain = takes.find(({ output }) => print(output) === print(null));
  if (vain) return notEmpty(vain, puts, takes);
  return puts.length === 2 ? outOfOrder(puts, takes, moves) : undefined;
}

function neverPut(
  take: Operation,
  element: string,
  history: History,
  { put }: ContainerMoves,
): { readonly kind: string; readonly explanation: string } {
  for (const other of history) {
    if (other.f !== put || other.outcome !== 'fail' || print(other.input) !== element) continue;
    const why = other.error === undefined ? '' : ` (${other.error})`;
    return {
      kind: 'rejected, and taken',
      explanation: `${got(take)}, but the ${put} of ${element} was rejected${why}.`,
    };
  }
  return {
    kind: 'never put in',
    explanation: `${got(take)}, which nobody put in: there is no ${put} of ${element} in this history.`,
  };
}

function notEmpty(
  vain: Operation,
  puts: readonly Operation[],
  takes: readonly Operation[],
): { readonly kind: string; readonly explanation: string } {
  const [put, ...others] = puts;
  const said = `${who(vain)} was told that there was nothing${placed(vain, 'in')}${at(vain.callTime)}`;
  if (!put || others.length > 0)
    return {
      kind: 'not empty',
      explanation: `${said}, although all the while one or another of ${puts.map(({ input }) => print(input)).join(', ')} was certainly inside.`,
    };
  const element = print(put.input);
  const taken = takes.some(({ output }) => print(output) === element);
  return {
    kind: taken ? 'not empty' : 'lost',
    explanation: `${said}, although ${they(put)}’s ${put.f} of ${element} had completed ${apart(vain.callTime - put.returnTime, 'earlier')}, and ${taken ? 'it was taken out only later' : 'nobody took it out'}.`,
  };
}

const SHOULD = {
  'first in, first out': 'had been put in earlier',
  'last in, first out': 'lay upon it',
  'smallest first': 'is smaller and was inside',
} as const;

/** One came out although the other was to come out first. */
function outOfOrder(
  puts: readonly Operation[],
  takes: readonly Operation[],
  { order }: ContainerMoves,
): { readonly kind: string; readonly explanation: string } | undefined {
  const [first, second] = takes.toSorted((a, b) => a.call - b.call);
  if (!first) return undefined;
  const other = puts.find(({ input }) => print(input) !== print(first.output)) as Operation;
  const then = second ? 'came out only later' : 'was never taken out';
  return {
    kind: second ? 'out of order' : 'lost',
    explanation: `${got(first)}, although ${print(other.input)}, which ${they(other)} put in, ${SHOULD[order]} and ${then}.`,
  };
}

function got(take: Operation): string {
  return `${who(take)} got ${print(take.output)} by ${take.f}${placed(take, 'from')}${at(take.callTime)}`;
}
