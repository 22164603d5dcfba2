import type { History, Key } from '../history.ts';

/** A transaction that only reads, or one that writes, as steps `[f, key, value]`. */
type Step = readonly [f: string, key: Key, value: unknown];

/** Which keys a read found written, and which not yet. Keys by number. */
export interface Snapshot {
  readonly row: number;
  readonly written: readonly number[];
  readonly unwritten: readonly number[];
}

export interface Snapshots {
  readonly keys: readonly Key[];
  /** One of each kind: reads that found the same are as good as each other. */
  readonly distinct: readonly Snapshot[];
  /** For each key the first operation that wrote it, or may have, and how many did. */
  readonly writer: readonly number[];
  readonly writes: readonly number[];
  readonly reads: number;
  /** Reads that found nothing written yet, or all; and those that found some, which alone can tell. */
  readonly early: number;
  readonly late: number;
  readonly telling: number;
}

/** `undefined` when `spent` says so. */
export function snapshotsOf(history: History, spent: (bytes: number) => boolean): Snapshots | undefined {
  const keys: Key[] = [];
  const places = new Map<Key, number>();
  const writer: number[] = [];
  const writes: number[] = [];
  const place = (key: Key): number => {
    let at = places.get(key);
    if (at === undefined) {
      places.set(key, (at = keys.push(key) - 1));
      writer.push(-1);
      writes.push(0);
    }
    return at;
  };
  const distinct = new Map<string, Snapshot>();
  const counts = { reads: 0, early: 0, late: 0, telling: 0 };
  for (let row = 0; row < history.length; row++) {
    if (spent(200 * (distinct.size + keys.length))) return undefined;
    if (history.outcome[row] === 1) continue;
    const steps = stepsOf(history, row);
    if (!steps) continue;
    const writing = steps.filter(([f]) => f !== 'r' && f !== 'read');
    for (const [, key] of writing) {
      const at = place(key);
      if (writer[at] === -1) writer[at] = row;
      writes[at]!++;
    }
    if (writing.length > 0 || history.outcome[row] !== 0) continue;
    counts.reads++;
    const found = steps.map(([, key, value]) => [place(key), value !== null && value !== undefined] as const);
    const written = found.filter(([, there]) => there).map(([at]) => at);
    const unwritten = found.filter(([, there]) => !there).map(([at]) => at);
    counts[written.length === 0 ? 'early' : unwritten.length === 0 ? 'late' : 'telling']++;
    if (written.length === 0 || unwritten.length === 0) continue;
    const name = `${sorted(written)}|${sorted(unwritten)}`;
    if (!distinct.has(name)) distinct.set(name, { row, written, unwritten });
  }
  return { keys, distinct: [...distinct.values()], writer, writes, ...counts };
}

function stepsOf(history: History, row: number): readonly Step[] | undefined {
  const { input, output } = history.operation(row);
  for (const steps of [output, input])
    if (
      Array.isArray(steps) &&
      steps.length > 0 &&
      steps.every((step) => Array.isArray(step) && step.length >= 2 && typeof step[0] === 'string')
    )
      return steps as unknown as readonly Step[];
  return undefined;
}

function sorted(numbers: readonly number[]): string {
  return numbers.toSorted((a, b) => a - b).join();
}
