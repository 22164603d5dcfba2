import type { Anomaly } from '../checker.ts';
import type { Operation } from '../history.ts';
import { around, shrink } from '../linearizable/counterexample.ts';
import { READ } from '../linearizable/register/steps.ts';
import { got, keyOf, writersOf, written } from '../regular/unexplained.ts';
import { at, count, lasting, they } from '../words.ts';
import type { Judged } from './judge.ts';
import type { Conflict } from './slack.ts';
import { INITIAL } from './versions.ts';

/** A sentence names so many values. */
const NAMED = 4;

interface Means {
  /** Whether operations alone go beyond the limits. */
  readonly isBroken: (rows: readonly number[]) => boolean;
  readonly outOfTime: () => boolean;
}

/**
 * The fewest operations that show that a limit was passed, and why. Leaving out reads, or writes that nobody saw, never
 * makes anything staler; so a set is closed that has for each read all writes of its value.
 */
export class Evidence {
  readonly #judged: Judged;
  readonly #means: Means;

  constructor(judged: Judged, means: Means) {
    this.#judged = judged;
    this.#means = means;
  }

  /** More versions than k allows: a read that was so far behind; or two versions; or, for k = 2, some that have no order. */
  ofVersions(key: number, k: number): Anomaly {
    const { versions, ages, slack, bounds } = this.#judged;
    const read = this.#worst(key, ages.behind);
    if ((ages.behind[read] as number) >= k) return this.#behind(read, k);
    const conflict = slack.find((each) => each.key === key - 1);
    if (k === 1 && conflict) return this.#conflicting(conflict);
    const rows = this.#rowsOf(bounds.refuted.get(key) ?? []);
    const { isBroken, outOfTime } = this.#means;
    const closed = (part: readonly number[]): number[] => this.#closed(part);
    const operations = this.#shrunk(around(rows, closed, isBroken, outOfTime) ?? rows);
    const shown = operations.map((row) => versions.steps.history.operation(row));
    const writes = shown.filter(({ f }) => f !== 'read').length;
    return {
      kind: `not ${k}-atomic`,
      ...keyOf(shown[0] as Operation),
      operations,
      explanation: `No order of ${count(writes, 'write')} lets each of ${count(shown.length - writes, 'read')} return one of the last ${k} values, though none of the reads by itself is so far behind.`,
    };
  }

  /** Longer than allowed. */
  ofTime(key: number, deltaMs: number): Anomaly {
    const { ages, slack } = this.#judged;
    const limit = `; at most ${deltaMs} ms are allowed`;
    const conflict = slack.find((each) => each.key === key - 1);
    return conflict
      ? this.#conflicting(conflict, limit)
      : this.#behind(this.#worst(key, ages.nanoseconds), 1, limit);
  }

  /** A read that missed versions: `matter` of them, and the one that was there first. */
  #behind(row: number, matter: number, limit = ''): Anomaly {
    const { versions, ages } = this.#judged;
    const { steps, at: positions, begin, call, first, writer, until, seen } = versions;
    const key = (steps.history.key[row] as number) + 1;
    const newer: number[] = [];
    for (let v = begin[key] as number; v < (begin[key + 1] as number); v++)
      if (
        (call[v] as number) > (until[row] as number) &&
        (first[v] as number) < (positions.call[row] as number)
      )
        newer.push(v);
    newer.sort((a, b) => (first[a] as number) - (first[b] as number));
    const shown = newer.slice(0, matter);
    const saw = seen[row] as number;
    const operations = this.#shrunk(
      this.#closed([row, ...shown.flatMap((v) => this.#firstOf(v)), ...(saw < 0 ? [] : this.#firstOf(saw))]),
    );
    const read = steps.history.operation(row);
    const what = saw >= 0 && writer[saw] === INITIAL ? ', the initial value' : '';
    return {
      kind: 'stale read',
      ...keyOf(read),
      operations,
      explanation: `${got(read)}${what}, although ${this.#missed(newer, shown.length)} had certainly been there by then${since(ages.nanoseconds[row] as number, newer.length)}${limit}.`,
    };
  }

  /** Two versions each of which has to be the older. */
  #conflicting({ versions: [a, b], nanoseconds }: Conflict, limit = ''): Anomaly {
    const { versions } = this.#judged;
    const { steps, call, first, last } = versions;
    const { history } = steps;
    const stale = history.operation(this.#rowAt(last[a] as number));
    const ended = history.operation(this.#rowAt(first[b] as number));
    // B is newer because its write began when A was there; or else because it was still read after that.
    const position = (first[a] as number) < (call[b] as number) ? (call[b] as number) : (last[b] as number);
    const newer = history.operation(this.#rowAt(position));
    const operations = this.#shrunk(this.#closed([stale.id, ended.id, newer.id, ...this.#firstOf(a)]));
    const why =
      (first[a] as number) < 0
        ? 'nothing is older than the initial value'
        : `${this.#name(a)} is not the newer, as it had been there before ${they(newer)} ${newer.f === 'read' ? 'read' : 'began to write'} ${this.#name(b)}${at(newer.callTime)}`;
    const late = Number.isFinite(nanoseconds)
      ? ` Reads would have to have begun ${lasting(nanoseconds)} earlier${limit}.`
      : '';
    return {
      kind: 'stale read',
      ...keyOf(stale),
      operations,
      explanation: `${got(stale)}, although ${they(ended)}’s ${ended.f} of ${this.#name(b)} had ended${at(ended.returnTime)}, and ${why}.${late}`,
    };
  }

  /** The values that a read missed, the first few by name. */
  #missed(newer: readonly number[], shown: number): string {
    if (newer.length === 1) return `a newer value, ${this.#name(newer[0] as number)},`;
    const names = newer.slice(0, Math.min(shown, NAMED)).map((v) => this.#name(v));
    const more = newer.length > names.length ? ` and ${newer.length - names.length} more` : '';
    return `${newer.length} newer values (${names.join(', ')}${more})`;
  }

  #name(v: number): string {
    const { steps, writer } = this.#judged.versions;
    return writer[v] === INITIAL
      ? 'the initial value'
      : written(steps.history.operation(writer[v] as number));
  }

  /** The read of a key of which a column holds most. */
  #worst(key: number, column: Int32Array | Float64Array): number {
    const { kind, history, length } = this.#judged.versions.steps;
    let worst = -1;
    for (let row = 0; row < length; row++)
      if (
        kind[row] === READ &&
        history.key[row] === key - 1 &&
        (worst < 0 || (column[row] as number) > (column[worst] as number))
      )
        worst = row;
    return worst;
  }

  /** Who wrote a version, and whose return shows first that it is there. */
  #firstOf(v: number): number[] {
    const { writer, first } = this.#judged.versions;
    return writer[v] === INITIAL ? [] : [writer[v] as number, this.#rowAt(first[v] as number)];
  }

  #rowAt(position: number): number {
    const { at: positions, steps } = this.#judged.versions;
    for (let row = 0; row < steps.length; row++)
      if (positions.call[row] === position || positions.return[row] === position) return row;
    throw new RangeError(`no operation is called or returns at ${position}`);
  }

  #rowsOf(versions: readonly number[]): number[] {
    const { steps, writer, seen } = this.#judged.versions;
    const wanted = new Set(versions);
    const rows = versions.map((v) => writer[v] as number).filter((row) => row !== INITIAL);
    for (let row = 0; row < steps.length; row++)
      if (steps.kind[row] === READ && wanted.has(seen[row] as number)) rows.push(row);
    return rows.toSorted((a, b) => a - b);
  }

  #closed(rows: readonly number[]): number[] {
    const { steps } = this.#judged.versions;
    const all = new Set(rows);
    for (const row of rows)
      if (steps.kind[row] === READ) for (const writer of writersOf(steps, row)) all.add(writer);
    return [...all].toSorted((a, b) => a - b);
  }

  #shrunk(rows: readonly number[]): readonly number[] {
    const { isBroken, outOfTime } = this.#means;
    return shrink(rows, (part) => this.#closed(part), isBroken, outOfTime)[0];
  }
}

function since(nanoseconds: number, versions: number): string {
  if (!Number.isFinite(nanoseconds)) return '';
  return `, ${versions > 1 ? 'the first of them ' : ''}for ${lasting(nanoseconds)}`;
}
