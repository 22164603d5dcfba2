import { Agenda } from '../../heap.ts';
import type { History } from '../../history.ts';
import type { LockMoves } from '../../model.ts';
import { NEVER } from '../../table/builder.ts';
import { FALSE } from '../../table/values.ts';
import type { Budget } from '../budget.ts';
import type { Judged } from '../judged.ts';
import { densePositions } from '../register/positions.ts';

/**
 * # Turns
 *
 * A mutex that does not know its holder is taken and freed by turns, whoever does it. So nothing has to be tried:
 *
 * - An operation takes effect when it has to: because it returns, or because what returns needs the mutex to be the other way.
 * - Of those that could do that, the one that has to return first is the best, and one of unknown outcome, which never has to, the last
 *   resort: whatever else an order does, these two can change places in it.
 * - Who was refused is content as soon as the mutex is, or comes to be, the way that refuses.
 *
 * Putting operations off loses nothing, since until the next return nothing else is forced, and both ways have been seen by then.
 * When what is needed is not there, no order is possible. n log n.
 */
export function judgeTurns(history: History, moves: LockMoves, budget: Budget): Judged {
  const { length, f, names, outcome, output } = history;
  const kind = new Uint8Array(length);
  const waits = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    budget.pass(row);
    const name = names[f[row] as number];
    if (outcome[row] === 1) continue;
    if (name !== moves.acquire && name !== moves.release)
      return { valid: 'unfit', because: `of an operation called ${name}` };
    kind[row] = name === moves.acquire ? TAKES : FREES;
    waits[row] = outcome[row] === 0 && output[row] === FALSE ? 1 : 0;
  }
  const at = densePositions(history, budget);
  const rowAt = new Int32Array(at.last + 1).fill(-1);
  for (let row = 0; row < length; row++) {
    budget.pass(row);
    if (kind[row] === 0) continue;
    rowAt[at.call[row] as number] = row;
    if (at.return[row] !== NEVER) rowAt[at.return[row] as number] = row;
  }
  const order: number[] = [];
  const done = new Uint8Array(length);
  /** Those that can be next to take or to free it, the earliest return first; and who was refused for it being taken, or free. */
  const ready = [new Agenda<number>(), new Agenda<number>(), new Agenda<number>()];
  const content: number[][] = [[], [], []];
  let taken = false;
  const effect = (row: number): void => {
    done[row] = 1;
    order.push(row);
    taken = kind[row] === TAKES;
    const refuses = taken ? TAKES : FREES;
    for (const other of content[refuses] as number[])
      if (!done[other]) {
        done[other] = 1;
        order.push(other);
      }
    content[refuses] = [];
  };
  /** Turns the mutex the other way, if anybody can. */
  const turn = (): boolean => {
    const next = ready[taken ? FREES : TAKES] as Agenda<number>;
    for (let item = next.next(); item; item = next.next()) {
      if (done[item.what]) continue;
      effect(item.what);
      return true;
    }
    return false;
  };
  const refuses = (row: number): boolean => taken === (kind[row] === TAKES);
  for (let p = 0; p <= at.last; p++) {
    budget.pass(p);
    const row = rowAt[p] as number;
    if (row < 0 || done[row]) continue;
    const what = kind[row] as number;
    if (at.call[row] === p) {
      if (!waits[row]) ready[what]!.add(at.return[row] as number, row);
      else if (refuses(row)) {
        done[row] = 1;
        order.push(row);
      } else content[what]!.push(row);
      continue;
    }
    // It returns. An acquire needs it to be free, and who was refused one needs it to be taken.
    if (waits[row] ? !turn() : refuses(row) && !turn()) return stuck(history, row);
    if (!done[row]) effect(row);
  }
  return { valid: true, order: () => order };
}

const TAKES = 1;
const FREES = 2;

/** Everything that was called before this operation returned. */
function stuck({ call, return: returned }: History, row: number): Judged {
  const until = returned[row] as number;
  const rows = (): number[] => Array.from(call.keys()).filter((other) => (call[other] as number) < until);
  return { valid: false, evidence: () => ({ rows: rows(), closed: false }) };
}
