import type { Anomaly, Checker, Verdict } from '../checker.ts';
import type { History, Key, Operations } from '../history.ts';
import { print } from '../models/print.ts';
import { anyHistory, rowsByKey, select } from '../table/table.ts';
import { NONE, sightings, type Element } from './sightings.ts';

export interface SetFullOptions {
  /**
   * Whether a read may miss, for a while, what was there before it began. A set that is read linearizably may not;
   * one that is eventually consistent may. Default `false`: it is a violation.
   */
  readonly mayBeStale?: boolean;
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 16;

/**
 * What becomes of each element of a set that only grows: `add` puts one in, `read` returns them all.
 *
 * ```
 * add 1 ──ok     read {1}      read {}       read {}         lost: acknowledged, and gone for good
 * add 2 ──ok     read {}       read {2}                      stale: there, but not for everybody at once
 * add 3 ──?      read {3}                                    recovered: nobody knew, and there it is
 * add 4 ──ok                                                 never read: nobody looked afterwards
 *                read {5, 5}                                 duplicated, and unexpected if nobody added 5
 * ```
 *
 * After Jepsen's set-full. An element is *known* once its add returned or a read showed it, whichever was first.
 */
export function setFull<Ops extends Operations = Operations>({
  mayBeStale = false,
}: SetFullOptions = {}): Checker<Ops> {
  return { name: 'set-full', check: (history) => check(anyHistory(history), mayBeStale) };
}

type Kind = 'lost' | 'stale' | 'duplicated' | 'unexpected';

function check(history: History, mayBeStale: boolean): Verdict {
  const counts = {
    elements: 0,
    found: 0,
    lost: 0,
    stale: 0,
    duplicated: 0,
    unexpected: 0,
    'never read': 0,
    recovered: 0,
  };
  const anomalies: Anomaly[] = [];
  const delays: number[] = [];
  for (const { key, rows } of rowsByKey(history)) {
    const set = select(history, rows);
    for (const element of sightings(set)) {
      counts.elements++;
      if (element.lastFound !== NONE) counts.found++;
      if (isRecovered(element, set)) counts.recovered++;
      if (element.known !== NONE && element.lastFound === NONE && element.lastMissed === NONE)
        counts['never read']++;
      delays.push(...delay(element, set));
      for (const kind of kinds(element, set)) {
        counts[kind]++;
        if (counts[kind] > EXPLAINED || (kind === 'stale' && mayBeStale)) continue;
        const { operations, explanation } = evidence(kind, element, set);
        anomalies.push({
          kind,
          ...(key >= 0 && { key: history.keys[key] as Key }),
          operations: operations.toSorted((a, b) => a - b).map((row) => rows[row] as number),
          explanation,
        });
      }
    }
  }
  const followed = counts.elements - counts['never read'];
  const valid = anomalies.length > 0 ? false : followed > 0 && counts.found > 0 ? true : 'unknown';
  return {
    checker: 'set-full',
    valid,
    ...(valid === 'unknown' && {
      because: 'no read ever found an element, so nothing is known of what became of them',
    }),
    anomalies,
    facts: { ...counts, ...quantiles(delays) },
  };
}

function kinds(element: Element, set: History): Kind[] {
  const { add, known, lastFound, lastMissed, twice } = element;
  const found: Kind[] = [];
  if (known !== NONE && lastMissed !== NONE) found.push(lastMissed > lastFound ? 'lost' : 'stale');
  if (twice !== NONE) found.push('duplicated');
  if (lastFound !== NONE && (add === NONE || set.outcome[add] === 1 || tooEarly(element, set)))
    found.push('unexpected');
  return found;
}

function tooEarly({ add, firstFound }: Element, set: History): boolean {
  return add !== NONE && (set.return[firstFound] as number) < (set.call[add] as number);
}

function isRecovered({ add, lastFound }: Element, set: History): boolean {
  return add !== NONE && set.outcome[add] === 2 && lastFound !== NONE;
}

/** How long it took until no read missed the element any more, in milliseconds, where that can be told. */
function delay({ known, lastMissed, lastFound }: Element, set: History): number[] {
  if (known === NONE || lastFound === NONE || lastMissed > lastFound) return [];
  if (lastMissed === NONE) return [0];
  return [((set.callTime[lastMissed] as number) - (set.returnTime[known] as number)) / 1e6];
}

function evidence(
  kind: Kind,
  element: Element,
  set: History,
): { readonly operations: readonly number[]; readonly explanation: string } {
  const { add, known, lastFound, firstFound, lastMissed, missedSince, twice, times } = element;
  const value = print(element.value);
  const name = set.length > 0 && set.operation(0).key !== undefined ? ` ${set.operation(0).key}` : '';
  const who = (row: number): string => `Client ${set.process[row]}`;
  const at = (time: number): string => (Number.isFinite(time) ? ` at ${(time / 1e9).toFixed(3)} s` : '');
  const reads = (n: number): string =>
    n === 1 ? 'the one later read did not return' : `none of the ${n} later reads returned`;
  const shown =
    set.names[set.f[known] as number] === 'add'
      ? `add of ${value} to${name}`
      : `read of${name} with ${value}`;
  const before = ((set.callTime[lastMissed] as number) - (set.returnTime[known] as number)) / 1e6;
  switch (kind) {
    case 'lost':
      return lastFound === NONE || lastFound === known
        ? {
            operations: [known, lastMissed],
            explanation: `${who(known)}’s ${shown} was answered${at(set.returnTime[known] as number)}; ${reads(missedSince)} ${value}.`,
          }
        : {
            operations: [known, lastFound, lastMissed],
            explanation: `${value} was in${name}${at(set.callTime[lastFound] as number)}, when ${who(lastFound)} read it; ${reads(missedSince)} it.`,
          };
    case 'stale':
      return {
        operations: [known, lastMissed, lastFound],
        explanation: `${who(lastMissed)} read${name}${at(set.callTime[lastMissed] as number)} and did not find ${value}, although ${who(known)}’s ${shown} had completed ${Number.isFinite(before) ? `${before.toFixed(before < 10 ? 1 : 0)} ms ` : ''}earlier.`,
      };
    case 'duplicated':
      return {
        operations: add === NONE ? [twice] : [add, twice],
        explanation: `${who(twice)} read${name}${at(set.callTime[twice] as number)} and found ${value} ${times} times.`,
      };
    case 'unexpected': {
      const why =
        add === NONE
          ? 'which nobody had added'
          : set.outcome[add] === 1
            ? `though the add of it was rejected${set.operation(add).error === undefined ? '' : ` (${set.operation(add).error})`}`
            : `which was added only later${at(set.callTime[add] as number)}`;
      return {
        operations: add === NONE ? [firstFound] : [add, firstFound],
        explanation: `${who(firstFound)} read${name}${at(set.callTime[firstFound] as number)} and found ${value}, ${why}.`,
      };
    }
  }
}

function quantiles(delays: readonly number[]): Readonly<Record<string, number>> {
  if (delays.length === 0) return {};
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (q: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number) * 10) / 10;
  return {
    'ms until stable, median': at(0.5),
    'ms until stable, 99 %': at(0.99),
    'ms until stable, longest': at(1),
  };
}
