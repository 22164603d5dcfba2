import type { Anomaly } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import { canonical } from '../table/values.ts';

/** An operation as far as a monitor has seen it. */
export interface Seen {
  readonly id: number;
  readonly process: number;
  readonly key: Key | undefined;
  readonly value: unknown;
  readonly reads: boolean;
  readonly call: number;
  readonly callTime: number;
  return: number;
  returnTime: number;
}

/** One value, and of the operations that wrote or saw it the first to return and the last to be called. */
interface Cluster {
  readonly value: unknown;
  readonly writer: Seen | undefined;
  firstReturn: number;
  first: Seen | undefined;
  lastCall: number;
  last: Seen | undefined;
}

/** Clusters are looked through for some to forget when there are this many, or twice as many as were left. */
const FEW = 32;

/**
 * One register, followed by zones (see `linearizable/register/zones.ts`) as they grow. A cluster `v` is forgotten once
 * another, `u`, certainly came after it and was certainly there before any read that is still open was called: whoever
 * still reads `v` has read something stale, and that is known without knowing `v`.
 *
 * ```
 * |─ write v ─|   |─ write u ─|      |─ read …
 *       first return of v < last call of u
 *                     first return of u < call of the oldest open read
 * ```
 */
export class RegisterKey {
  readonly name: Key | undefined;
  broken = false;
  readonly #clusters = new Map<unknown, Cluster>();
  /** Those that something has returned of: the others cannot contradict anything yet. */
  #settled: Cluster[] = [];
  /** Open reads, in order of call. */
  readonly #reading: Seen[] = [];
  #tidyAt = FEW;

  constructor(name: Key | undefined, initial: unknown) {
    this.name = name;
    const cluster = {
      value: initial,
      writer: undefined,
      firstReturn: -1,
      first: undefined,
      lastCall: -1,
      last: undefined,
    };
    this.#clusters.set(nameOf(initial), cluster);
    this.#settled.push(cluster);
  }

  get remembered(): number {
    return this.#clusters.size;
  }

  /** Nothing more will be found out about this key. */
  giveUp(): void {
    this.broken = true;
    this.#clusters.clear();
    this.#settled = [];
    this.#reading.length = 0;
  }

  /** `false` if the value is not new. */
  writeCalled(op: Seen): boolean {
    const name = nameOf(op.value);
    if (this.#clusters.has(name)) return false;
    this.#clusters.set(name, {
      value: op.value,
      writer: op,
      firstReturn: Infinity,
      first: undefined,
      lastCall: op.call,
      last: op,
    });
    return true;
  }

  writeEnded(op: Seen, how: 'ok' | 'fail' | 'info'): Anomaly | undefined {
    const cluster = this.#clusters.get(nameOf(op.value));
    if (!cluster || how === 'info') return undefined;
    if (how === 'fail') {
      this.#clusters.delete(nameOf(op.value));
      if (cluster.firstReturn === Infinity) return undefined;
      return this.#violation(
        'aborted read',
        [op, cluster.first],
        `${this.#saw(cluster.first as Seen, cluster.value)}, but the write of it was rejected.`,
      );
    }
    if (cluster.firstReturn === Infinity) this.#settle(cluster, op);
    this.#tidy(op.return);
    return undefined;
  }

  readCalled(op: Seen): void {
    this.#reading.push(op);
  }

  readEnded(op: Seen, answered: boolean, value: unknown): Anomaly | undefined {
    this.#reading.splice(this.#reading.indexOf(op), 1);
    if (!answered) return undefined;
    const cluster = this.#clusters.get(nameOf(value));
    if (!cluster) return this.#forgotten(op, value);
    if (cluster.firstReturn === Infinity) this.#settle(cluster, op);
    if (op.call > cluster.lastCall) {
      cluster.lastCall = op.call;
      cluster.last = op;
      const rival = this.#settled.find(
        (other) => other !== cluster && cluster.firstReturn < other.lastCall && other.firstReturn < op.call,
      );
      if (rival) return this.#stale(op, cluster, rival);
    }
    this.#tidy(op.return);
    return undefined;
  }

  #settle(cluster: Cluster, op: Seen): void {
    cluster.firstReturn = op.return;
    cluster.first = op;
    this.#settled.push(cluster);
  }

  #tidy(now: number): void {
    if (this.#settled.length < this.#tidyAt) return;
    const oldest = this.#reading[0]?.call ?? now;
    // The two latest calls among clusters that were there by then: the latest of another is one of them.
    let latest = -Infinity;
    let second = -Infinity;
    for (const { firstReturn, lastCall } of this.#settled) {
      if (firstReturn >= oldest) continue;
      if (lastCall > latest) [latest, second] = [lastCall, latest];
      else if (lastCall > second) second = lastCall;
    }
    this.#settled = this.#settled.filter((cluster) => {
      const ofAnother = cluster.firstReturn < oldest && cluster.lastCall === latest ? second : latest;
      if (cluster.firstReturn >= ofAnother) return true;
      this.#clusters.delete(nameOf(cluster.value));
      return false;
    });
    this.#tidyAt = Math.max(FEW, 2 * this.#settled.length);
  }

  #forgotten(op: Seen, value: unknown): Anomaly {
    const newer = this.#settled.findLast(({ firstReturn }) => firstReturn < op.call);
    return this.#violation(
      'stale read',
      [newer?.first, op],
      `${this.#saw(op, value)}, a value that nobody had written, or that had been overwritten long before.`,
    );
  }

  #stale(op: Seen, cluster: Cluster, newer: Cluster): Anomaly {
    const by = newer.first as Seen;
    const ago = Math.round((op.callTime - by.returnTime) / 1e5) / 10;
    const how = by.reads
      ? `Client ${by.process} had already read ${print(newer.value)} ${ago} ms earlier`
      : `Client ${by.process}’s write of ${print(newer.value)} had completed ${ago} ms earlier`;
    return this.#violation(
      'stale read',
      [cluster.writer, cluster.first, cluster.last, newer.writer, newer.first, newer.last],
      `${this.#saw(op, cluster.value)}, although ${how}.`,
    );
  }

  #saw(op: Seen, value: unknown): string {
    const key = this.name === undefined ? '' : ` ${this.name}`;
    const at = Number.isFinite(op.callTime) ? ` at ${(op.callTime / 1e9).toFixed(3)} s` : '';
    return `Client ${op.process} read${key}${at} and got ${print(value)}`;
  }

  #violation(kind: string, seen: readonly (Seen | undefined)[], explanation: string): Anomaly {
    this.giveUp();
    const ids = new Set(seen.filter((op) => op !== undefined).map(({ id }) => id));
    return {
      kind,
      ...(this.name !== undefined && { key: this.name }),
      operations: [...ids].toSorted((a, b) => a - b),
      explanation,
    };
  }
}

function nameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? canonical(value) : value;
}
