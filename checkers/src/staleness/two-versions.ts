import type { Budget } from '../linearizable/budget.ts';

/** One key: its versions in order of call, the initial one first, and the reads that saw them, in order of call. */
export interface KeyVersions {
  readonly call: Int32Array;
  readonly return: Int32Array;
  /** The first return among a version's write and the reads that saw it; and the versions in order of that. */
  readonly first: Int32Array;
  readonly byFirst: Int32Array;
  readonly readCall: Int32Array;
  readonly readReturn: Int32Array;
  /** The version that each read saw. */
  readonly saw: Int32Array;
}

/**
 * Whether the operations fit into an order in which every read returns one of the last two values: 2-atomicity. An answer
 * `false` carries versions among which, with all their reads, there is none; `undefined` when time is up.
 *
 * Golab, Hurwitz and Li (On the k-Atomicity-Verification Problem, 2013) found that it can be laid from its end with little
 * backtracking (LBT). Somebody's write is the last. Then everything that was called after that write, or after a read of it,
 * had returned comes after it, and must have seen it or the one before it, which is thereby known:
 *
 * ```
 *  … remaining …   write 1   write 2   read → 2   read → 1   read → 2
 *                     ▴                              └ so 1 is the one before
 *                     └ and again: whatever comes after 1 and is not laid yet has seen 1 or the one before it
 * ```
 *
 * Where nothing says which is the one before, an *epoch* ends, and what remains are whole versions; as leaving out whole
 * versions never spoils an order, whatever ended the epoch was right. Only those still under way at the last call can
 * be the last; each is tried for so many steps, then twice as many, so that one that fails late costs no more than one that
 * succeeds: n times the number of writes at once at the very most, linear mostly.
 */
export function twoAtomic(versions: KeyVersions, budget: Budget): true | readonly number[] | undefined {
  const remaining = new Remaining(versions);
  while (remaining.last() >= 0) {
    let candidates = remaining.candidates();
    let laid = false;
    for (let limit = 16; !laid && candidates.length > 0; limit *= 2) {
      const undecided: number[] = [];
      for (const candidate of candidates) {
        if (budget.spent(0)) return undefined;
        const end = remaining.lay(candidate, limit);
        if (end === 'laid') {
          laid = true;
          break;
        }
        if (end === 'undecided') undecided.push(candidate);
      }
      candidates = undecided;
    }
    if (!laid) return remaining.versions();
  }
  return true;
}

/** What is not laid yet, in doubly linked lists from which things can be taken out and put back in the same order. */
class Remaining {
  readonly #versions: KeyVersions;
  /** Reads of version v are `#reads[#readsFrom[v]] …`. */
  readonly #readsFrom: Int32Array;
  readonly #reads: Int32Array;
  readonly #byCall: List;
  readonly #byFirst: List;
  readonly #readsByCall: List;
  /** What the last attempt has laid. */
  readonly #laidVersions: number[] = [];
  readonly #laidReads: number[] = [];

  constructor(versions: KeyVersions) {
    const { call, byFirst, saw } = versions;
    const reads = saw.length;
    this.#versions = versions;
    this.#readsFrom = new Int32Array(call.length + 1);
    this.#reads = new Int32Array(reads);
    for (let r = 0; r < reads; r++) this.#readsFrom[(saw[r] as number) + 1]!++;
    for (let v = 0; v < call.length; v++) this.#readsFrom[v + 1]! += this.#readsFrom[v] as number;
    const next = this.#readsFrom.slice();
    for (let r = 0; r < reads; r++) this.#reads[next[saw[r] as number]!++] = r;
    this.#byCall = new List(counting(call.length));
    this.#byFirst = new List(byFirst);
    this.#readsByCall = new List(counting(reads));
  }

  /** The version called last, or −1. */
  last(): number {
    return this.#byCall.last();
  }

  versions(): number[] {
    const all: number[] = [];
    for (let v = this.last(); v >= 0; v = this.#byCall.before(v)) all.push(v);
    return all;
  }

  /** Versions that no other has to come after: at the call of the last nobody had returned from them yet. */
  candidates(): number[] {
    const latest = this.#versions.call[this.last()] as number;
    const found: number[] = [];
    for (
      let v = this.#byFirst.last();
      v >= 0 && (this.#versions.first[v] as number) >= latest;
      v = this.#byFirst.before(v)
    )
      found.push(v);
    return found;
  }

  /** Lays one version last, and then whatever has to come before it, to the end of the epoch. Puts all back but when that is reached. */
  lay(candidate: number, limit: number): 'laid' | 'failed' | 'undecided' {
    const { call, readCall, saw } = this.#versions;
    const versions = this.#laidVersions;
    const reads = this.#laidReads;
    versions.length = reads.length = 0;
    const give = (end: 'failed' | 'undecided'): typeof end => {
      for (const r of reads.reverse()) this.#readsByCall.putBack(r);
      for (const v of versions.reverse()) {
        this.#byCall.putBack(v);
        this.#byFirst.putBack(v);
      }
      return end;
    };
    for (let current = candidate; ;) {
      if (versions.length + reads.length > limit) return give('undecided');
      this.#byCall.take(current);
      this.#byFirst.take(current);
      versions.push(current);
      const first = this.#firstOpen(current);
      const latest = this.last();
      if (latest >= 0 && (call[latest] as number) > first) return give('failed');
      let before = -1;
      for (
        let r = this.#readsByCall.last();
        r >= 0 && (readCall[r] as number) > first;
        r = this.#readsByCall.last()
      ) {
        if (saw[r] !== current) {
          if (before >= 0 && saw[r] !== before) return give('failed');
          before = saw[r] as number;
        }
        this.#readsByCall.take(r);
        reads.push(r);
      }
      for (let i = this.#readsFrom[current] as number; i < (this.#readsFrom[current + 1] as number); i++) {
        const r = this.#reads[i] as number;
        if (!this.#readsByCall.has(r)) continue;
        this.#readsByCall.take(r);
        reads.push(r);
      }
      if (before < 0) return 'laid';
      current = before;
    }
  }

  /** The first return among a version's write and those of its reads that are not laid yet. */
  #firstOpen(v: number): number {
    let first = this.#versions.return[v] as number;
    for (let i = this.#readsFrom[v] as number; i < (this.#readsFrom[v + 1] as number); i++) {
      const r = this.#reads[i] as number;
      if (this.#readsByCall.has(r)) first = Math.min(first, this.#versions.readReturn[r] as number);
    }
    return first;
  }
}

function counting(length: number): Int32Array {
  const numbers = new Int32Array(length);
  for (let i = 0; i < length; i++) numbers[i] = i;
  return numbers;
}

/** Items in a fixed order, of which any can be taken out, and put back in the reverse order of taking. */
class List {
  readonly #previous: Int32Array;
  readonly #next: Int32Array;
  readonly #there: Uint8Array;
  /** Links start and end here. */
  readonly #ring: number;

  constructor(items: Int32Array) {
    const ring = (this.#ring = items.length);
    this.#previous = new Int32Array(ring + 1);
    this.#next = new Int32Array(ring + 1);
    this.#there = new Uint8Array(ring).fill(1);
    let at = ring;
    for (const item of items) {
      this.#next[at] = item;
      this.#previous[item] = at;
      at = item;
    }
    this.#next[at] = ring;
    this.#previous[ring] = at;
  }

  last(): number {
    const last = this.#previous[this.#ring] as number;
    return last === this.#ring ? -1 : last;
  }

  has(item: number): boolean {
    return this.#there[item] === 1;
  }

  take(item: number): void {
    this.#there[item] = 0;
    this.#next[this.#previous[item] as number] = this.#next[item] as number;
    this.#previous[this.#next[item] as number] = this.#previous[item] as number;
  }

  putBack(item: number): void {
    this.#there[item] = 1;
    this.#next[this.#previous[item] as number] = item;
    this.#previous[this.#next[item] as number] = item;
  }

  /** The one before an item that is there, or −1. */
  before(item: number): number {
    const before = this.#previous[item] as number;
    return before === this.#ring ? -1 : before;
  }
}
