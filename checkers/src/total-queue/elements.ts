import type { History } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { canonical, decode, NOTHING, NULL } from '../table/values.ts';

/** What went in and what came out of one queue. Operations are rows of the history. */
export interface QueueContents {
  /** By value: who put it in, in order of call, and who took it out, in order of return. */
  readonly elements: ReadonlyMap<unknown, Element>;
  /** Operations that found the queue empty. */
  readonly empty: readonly number[];
  /** Operations of unknown outcome that may have taken one element that nobody saw, and those that may have taken all. */
  readonly mayTakeOne: readonly number[];
  readonly mayTakeAll: readonly number[];
}

export interface Element {
  readonly value: unknown;
  readonly in: readonly number[];
  readonly out: readonly number[];
  /** Attempts to put it in that were rejected. */
  readonly rejected: readonly number[];
}

/**
 * Sorts the operations of one queue: `enqueue`, `dequeue` (`null`: it was empty), and `drain`, which takes all there is. `undefined`
 * when time is up.
 */
export function contents(
  history: History,
  rows: ArrayLike<number>,
  budget: Budget,
): QueueContents | undefined {
  const elements = new Map<unknown, Growing>();
  const element = (value: unknown): Growing => {
    const name = typeof value === 'object' ? canonical(value) : value;
    let found = elements.get(name);
    if (!found) elements.set(name, (found = { value, in: NOBODY, out: NOBODY, rejected: NOBODY }));
    return found;
  };
  const empty: number[] = [];
  const mayTakeOne: number[] = [];
  const mayTakeAll: number[] = [];
  const taken: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    if (budget.spent(0)) return undefined;
    const row = rows[i] as number;
    const name = history.names[history.f[row] as number];
    const outcome = history.outcome[row];
    if (name === 'enqueue') {
      add(
        element(decode(history.input[row] as number, history.values)),
        outcome === 1 ? 'rejected' : 'in',
        row,
      );
    } else if (name === 'dequeue' && outcome === 2) mayTakeOne.push(row);
    else if (name === 'drain' && outcome === 2) mayTakeAll.push(row);
    else if ((name === 'dequeue' || name === 'drain') && outcome === 0) taken.push(row);
  }
  taken.sort((a, b) => (history.return[a] as number) - (history.return[b] as number));
  for (const row of taken) {
    if (budget.spent(0)) return undefined;
    const code = history.output[row] as number;
    const output = decode(code, history.values);
    if (history.names[history.f[row] as number] === 'drain') {
      empty.push(row);
      if (Array.isArray(output))
        for (const value of output as readonly unknown[]) add(element(value), 'out', row);
    } else if (code === NULL || code === NOTHING) empty.push(row);
    else add(element(output), 'out', row);
  }
  return { elements, empty, mayTakeOne, mayTakeAll };
}

/** An element whose operations are still being found. */
type Growing = { -readonly [Field in keyof Element]: Element[Field] };

const NOBODY: readonly number[] = [];

/** Most elements go in once and come out once: an empty list for each would take more room than all the rest. */
function add(element: Growing, to: 'in' | 'out' | 'rejected', row: number): void {
  if (element[to].length === 0) element[to] = [row];
  else (element[to] as number[]).push(row);
}
