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
  return although === ''
    ? `${reasons}: T${first?.from} would have to come before itself.`
    : `${reasons}, although ${although}.`;
}

/** `T3 had returned 12 ms before T9 was called`. */
function returnedBefore({ from, to, because }: Precedence, operations: readonly DrawnOperation[]): string {
  const [a, b] = [from, to].map((id) => operations.find((operation) => operation.id === id));
  if (a?.return === undefined || b === undefined) return because;
  return `T${from} had returned ${((b.call - a.return) * 1000).toFixed(0)} ms before T${to} was called`;
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
