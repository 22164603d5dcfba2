import { anomaly } from '../anomaly.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import { Budget } from '../linearizable/budget.ts';
import { print } from '../models/print.ts';
import { idsMonitor } from '../monitor/ids.ts';
import { anyHistory } from '../table/table.ts';
import { NOTHING, sameCodes } from '../table/values.ts';
import { apart, at, on, they, who } from '../words.ts';
import { stopped } from '../stopped.ts';

export interface UniqueIdsOptions {
  /** The operation whose answers have to differ. Default `generate`. */
  readonly operation?: string;
}

/**
 * No two operations were given the same id.
 *
 * ```
 * generate → 7   |────|
 * generate → 7            |────|      duplicate id
 * ```
 *
 * After Jepsen's unique-ids. Ids are any values, compared as JSON. One pass.
 */
export function uniqueIds<Ops extends Operations = Operations>({
  operation = 'generate',
}: UniqueIdsOptions = {}): Checker<Ops> {
  return {
    name: 'unique ids',
    check: (history, context) => check(anyHistory(history), operation, context),
    monitor: () => idsMonitor(operation),
  };
}

const EXPLAINED = 16;
const BYTES_PER_ID = 40;

function check(history: History, name: string, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const same = sameCodes(history.values) ?? ((code: number) => code);
  const f = history.names.indexOf(name);
  /** For each key the operation that was given each id first. */
  const holders = new Map<number, Map<number, number>>();
  const again = new Set<string>();
  const anomalies: Anomaly[] = [];
  let attempted = 0;
  let given = 0;
  let copies = 0;
  let row = 0;
  for (; row < history.length && !budget.spent(BYTES_PER_ID * given); row++) {
    if (history.f[row] !== f) continue;
    attempted++;
    if (history.outcome[row] !== 0 || history.output[row] === NOTHING) continue;
    given++;
    const key = history.key[row] as number;
    const id = same(history.output[row] as number);
    let ids = holders.get(key);
    if (!ids) holders.set(key, (ids = new Map()));
    const holder = ids.get(id);
    if (holder === undefined) {
      ids.set(id, row);
      continue;
    }
    copies++;
    again.add(`${key} ${id}`);
    if (anomalies.length < EXPLAINED) anomalies.push(duplicate(history, holder, row));
  }
  const because = budget.because
    ? stopped({
        limit: budget.because,
        after: `${row} of ${history.length} operations`,
        proven: 'up to there all ids differed',
      })
    : given < 2
      ? `${given === 0 ? 'nobody was' : 'only one client was'} given an id, so nothing could have shown; run it for longer`
      : undefined;
  const valid = copies > 0 ? false : because === undefined ? true : 'unknown';
  return {
    checker: 'unique ids',
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    ...(copies > 0 && { disproves: ['unique ids'] }),
    anomalies,
    facts: { attempted, given, 'ids given more than once': again.size, copies },
  };
}

function duplicate(history: History, holder: number, row: number): Anomaly {
  const first = history.operation(holder);
  const second = history.operation(row);
  const ago = apart(second.callTime - first.callTime, 'earlier');
  return anomaly(
    'duplicate id',
    [first, second],
    `${who(second)} asked${on(second)}${at(second.callTime)} and was given ${print(second.output)}, as ${they(first)} had been who asked ${ago}.`,
  );
}
