import { FALSE, TRUE } from '../../table/values.ts';
import { select } from '../../table/table.ts';
import type { Budget } from '../budget.ts';
import { illegal, type Judged } from '../judged.ts';
import { lazySearch } from '../register/lazy-search.ts';
import * as steps from '../register/steps.ts';
import { ADD, HAS, LACKS, ODD, ODDITY, REMOVE, type Members } from './members.ts';
import { fateOf, orderOf } from './one-element.ts';

/**
 * # Sets, an element at a time
 *
 * Unless somebody reads all of it, a set is as many objects as it has elements, each there or not: linearizability is local, so
 * elements are judged one by one. One that is added once and removed once is two intervals and who found or missed it; one that
 * comes and goes is a register of `true` and `false`, and is searched like one.
 */
export function judgeElements(members: Members, budget: Budget): Judged {
  const { count, rows, from, kinds } = members;
  if (kinds[ODD]) return { valid: 'unfit', because: ODDITY };
  const searched = new Map<number, readonly number[]>();
  for (let e = 0; e < count; e++) {
    budget.pass(e);
    const { became } = fateOf(members, e);
    const own = rows.subarray(from[e], from[e + 1]);
    if (became === 'impossible') return illegal(() => own);
    if (became !== 'repeated') continue;
    const found = lazySearch(asRegister(members, own), budget);
    if (found.valid === false) return illegal(() => own);
    if (found.valid === 'unknown') return { ...found, reached: from[e] as number };
    searched.set(
      e,
      found.order().map((row) => own[row] as number),
    );
  }
  return {
    valid: true,
    order: () => merged(members, (e) => searched.get(e) ?? orderOf(members, e, fateOf(members, e))),
  };
}

/** Adding writes `true`, removing writes `false`. */
function asRegister({ kind, history }: Members, rows: Int32Array): steps.RegisterSteps {
  const does = { [ADD]: steps.WRITE, [REMOVE]: steps.WRITE, [HAS]: steps.READ, [LACKS]: steps.READ };
  return {
    length: rows.length,
    kind: Uint8Array.from(rows, (row) => does[kind[row] as typeof ADD]),
    value: Int32Array.from(rows, (row) => (kind[row] === ADD || kind[row] === HAS ? TRUE : FALSE)),
    from: new Int32Array(rows.length),
    initial: FALSE,
    swaps: 0,
    refused: 0,
    history: select(history, rows),
  };
}

/** Orders of all elements as one: each operation as early as its own call and those before it about the same element allow. */
function merged({ count, history }: Members, orderOf: (e: number) => readonly number[]): number[] {
  const rows: number[] = [];
  const time = new Int32Array(history.length);
  for (let e = 0; e < count; e++) {
    let now = -1;
    for (const row of orderOf(e)) {
      now = Math.max(now, history.call[row] as number);
      time[row] = now;
      rows.push(row);
    }
  }
  return rows.sort((a, b) => (time[a] as number) - (time[b] as number));
}
