import type { Anomaly, Precedence } from 'knossos-js';
import type { DrawnOperation } from '../record/result.ts';
import { moment } from './words.ts';

/**
 * An anomaly in one sentence. Its checker has put it into words; what is added is who and when, where it names
 * transactions by their numbers alone, and of a circle what closes it.
 */
export function anomalySentence(anomaly: Anomaly, operations: readonly DrawnOperation[]): string {
  const { cycle = [], inShort, explanation } = anomaly;
  return introduced(cycle.length > 0 ? circle(cycle, operations) : (inShort ?? explanation), operations);
}

function circle(cycle: readonly Precedence[], operations: readonly DrawnOperation[]): string {
  const [first] = cycle;
  const reasons = cycle
    .filter(({ kind }) => kind !== 'real time')
    .map(({ because }) => because)
    .join('; ');
  const although = cycle
    .filter(({ kind }) => kind === 'real time')
    .map((edge) => returnedBefore(edge, operations))
    .join(' and ');
  if (reasons === '') return `${although}: T${first?.from} would have to come before itself.`;
  if (although !== '') return `${reasons}, although ${although}.`;
  return familiar(cycle) ?? `${reasons}: T${first?.from} would have to come before itself.`;
}

/** Circles that everybody meets sooner or later read best as what happened, not as who must come before whom. */
function familiar(cycle: readonly Precedence[]): string | undefined {
  const [first, second, third, fourth] = fromReader(cycle);
  if (first === undefined || second === undefined) return undefined;
  const kinds = cycle.map(({ kind }) => kind);
  if (kinds.length === 2 && kinds.every((kind) => kind === 'rw'))
    return `T${first.from} and T${second.from} each missed what the other did: ${first.because}, and ${second.because}.`;
  if (kinds.length === 2 && kinds.every((kind) => kind === 'wr'))
    return `T${first.from} and T${second.from} each saw what the other did: ${first.because}, and ${second.because}.`;
  if (first.kind !== 'wr' || second.kind !== 'rw') return undefined;
  if (kinds.length === 2)
    return `T${first.to} saw only half of T${first.from}: it ${did(first)}, but ${did(second)}.`;
  if (third?.kind !== 'wr' || fourth?.kind !== 'rw' || kinds.length > 4) return undefined;
  const [one, other] = [`T${first.to}`, `T${third.to}`];
  return `${one} and ${other} disagree about what happened first: ${first.because}, but ${did(second)}; ${third.because}, but ${did(fourth)}.`;
}

/** The same circle, begun at a step from who wrote to who read it, where there is one. */
function fromReader(cycle: readonly Precedence[]): readonly Precedence[] {
  const start = Math.max(
    0,
    cycle.findIndex(({ kind }) => kind === 'wr'),
  );
  return [...cycle.slice(start), ...cycle.slice(0, start)];
}

/** What the transaction did that this reason begins with, once it has been named. */
function did({ because }: Precedence): string {
  return because.replace(/^T\d+ /, '');
}

/** `T3 had returned 12 ms before T9 was called`. */
function returnedBefore({ from, to, because }: Precedence, operations: readonly DrawnOperation[]): string {
  const [a, b] = [from, to].map((id) => operations.find((operation) => operation.id === id));
  if (a?.return === undefined || b === undefined) return because;
  const ms = (b.call - a.return) * 1000;
  const apart = ms < 999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
  return `T${from} had returned ${apart} before T${to} was called`;
}

/** Says at the first mention of each transaction whose it was and when it was called: `T9 (client 7, 12.400 s)`. */
function introduced(sentence: string, operations: readonly DrawnOperation[]): string {
  const met = new Set<number>();
  const named = /^Client (\d+)/.exec(sentence)?.[1];
  return sentence.replace(/\bT(\d+)\b/g, (transaction, digits: string) => {
    const operation = operations.find(({ id }) => id === Number(digits));
    if (operation === undefined || met.has(operation.id)) return transaction;
    met.add(operation.id);
    const whose = String(operation.process) === named ? '' : `client ${operation.process}, `;
    return `${transaction} (${whose}${moment(operation.call)})`;
  });
}
