import { anomaly } from '../anomaly.ts';
import type { Anomaly } from '../checker.ts';
import type { History, Operation } from '../history.ts';
import { print } from '../models/print.ts';
import { apart, at, on, they, who } from '../words.ts';
import { NONE, type Sightings } from './sightings.ts';

export type Kind = 'lost' | 'stale' | 'duplicated' | 'unexpected';

/** The fewest operations that show what became of an element, and why it should not have. */
export function explain(history: History, seen: Sightings, element: number, kind: Kind): Anomaly {
  const value = print(seen.values[element]);
  const row = (column: Int32Array): number => column[element] as number;
  const operation = (column: Int32Array): Operation => history.operation(row(column));
  switch (kind) {
    case 'lost': {
      const known = operation(seen.known);
      const missed = operation(seen.lastMissed);
      const n = row(seen.missedSince);
      const reads = n === 1 ? 'the one later read did not return' : `none of the ${n} later reads returned`;
      if (row(seen.lastFound) === NONE || row(seen.lastFound) === known.id)
        return anomaly(
          'lost',
          [known, missed],
          `${who(known)}’s ${shown(known, value)} was answered${at(known.returnTime)}; ${reads} ${value}.`,
        );
      const found = operation(seen.lastFound);
      return anomaly(
        'lost',
        [known, found, missed],
        `${value} was ${found.key === undefined ? 'there' : `in${on(found)}`}${at(found.callTime)}, when ${they(found)} read it; ${reads} it.`,
      );
    }
    case 'stale': {
      const known = operation(seen.known);
      const missed = operation(seen.lastMissed);
      const ago = apart(missed.callTime - known.returnTime, 'earlier');
      return anomaly(
        'stale',
        [known, missed, operation(seen.lastFound)],
        `${who(missed)} read${on(missed)}${at(missed.callTime)} and did not find ${value}, although ${they(known)}’s ${shown(known, value)} had completed ${ago}.`,
      );
    }
    case 'duplicated': {
      const twice = operation(seen.twice);
      const adds = row(seen.add) === NONE ? [] : [operation(seen.add)];
      return anomaly(
        'duplicated',
        [...adds, twice],
        `${found(twice)} ${value} there ${row(seen.times)} times.`,
      );
    }
    case 'unexpected': {
      const first = operation(seen.known);
      if (row(seen.add) === NONE)
        return anomaly('unexpected', [first], `${found(first)} ${value}, which nobody had added.`);
      const add = operation(seen.add);
      const error = add.error === undefined ? '' : ` (${add.error})`;
      const why =
        add.outcome === 'fail'
          ? `though the add of it was rejected${error}`
          : `which was added only later${at(add.callTime)}`;
      return anomaly('unexpected', [add, first], `${found(first)} ${value}, ${why}.`);
    }
  }
}

/** What shows first that an element is there. */
function shown(known: Operation, value: string): string {
  if (known.f !== 'add') return `read${known.key === undefined ? '' : ` of${on(known)}`} with ${value}`;
  return known.key === undefined ? `add of ${value}` : `add of ${value} to${on(known)}`;
}

function found(read: Operation): string {
  return `${who(read)} read${on(read)}${at(read.callTime)} and found`;
}
