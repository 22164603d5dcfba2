import type { Anomaly, Monitor } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import { stepsOf } from '../transactions/from-history.ts';
import { they } from '../words.ts';
import { explainCycle } from './cycle.ts';
import { FollowingMonitor } from './following.ts';
import { GrowingOrder } from './growing-order.ts';
import {
  contradiction,
  elementsOf,
  FAILED,
  inTime,
  isAppend,
  isMoment,
  List,
  type Append,
  type Moment,
  type Transaction,
  type TransactionNode,
  type Why,
} from './lists.ts';
import { nameOf, type Follower, type Seen } from './seen.ts';
import { violation } from './words.ts';

/** Transactions, and moments between them, that are kept in order. Beyond that the oldest whose appends nobody read are given up. */
const REMEMBERED = 100_000;

/** Watches transactions over lists for strict serializability. */
export function listAppendMonitor(): Monitor {
  return new FollowingMonitor({
    checker: 'list-append strict serializable',
    promise: 'strict serializable',
    algorithm: 'incremental order',
    byKey: false,
    follow: () => new ListAppendFollower(),
  });
}

/**
 * # Lists that transactions append to, as they are read
 *
 * Who has to come before whom is what the checker says (see `transactions/list-edges.ts`), and is said as soon as it is
 * known: a read shows the order of what it returns; whoever appended what a later read lacks comes after that read. A topological
 * order is kept through all that, and the edge that cannot be fitted in is the violation. Real time is a chain of
 * moments, each after everything that had returned and before everything that was called then.
 *
 * A transaction is let go of when nothing that is remembered comes before it, all that it appended has been seen, and whoever
 * is still open was called after it returned: to come before it one of those would have to come before itself.
 *
 * Only strict serializability is watched for: without real time what is old may be read for ever, and nothing could be let go of.
 */
class ListAppendFollower implements Follower {
  undecided: string | undefined;
  readonly #lists = new Map<Key, List>();
  readonly #order = new GrowingOrder<Transaction | Moment, Why>();
  readonly #open = new Set<Transaction>();
  /** Those that took effect, and of which something has not been seen. */
  readonly #unread = new Set<Transaction>();
  /** The last transaction of a process, where nobody knows how it ended. */
  readonly #crashed = new Map<number, Transaction>();
  /** Nothing will come before these any more, once nobody is open who was called before they took effect. */
  #ready: Transaction[] = [];
  #next = 0;
  /** The latest moment, and whether anything has been called since. */
  #now: TransactionNode = this.#order.add({ at: -1 });
  #passed = false;
  #elements = 0;
  #reads = 0;

  get remembered(): number {
    return this.#order.size + this.#elements;
  }

  get open(): string | undefined {
    return this.#reads === 0
      ? 'no transaction that succeeded read anything, so nothing could have shown'
      : undefined;
  }

  called(op: Seen): undefined {
    const steps = stepsOf(op.f, op.key, op.input, undefined, false);
    if (!steps) return;
    const appends: Append[] = [];
    const txn: Transaction = {
      op,
      node: undefined as never,
      appends,
      unseen: 0,
      ended: false,
      happened: false,
      by: Infinity,
      witness: undefined,
      expired: false,
      next: undefined,
      ends: [],
    };
    Object.assign(txn, { node: this.#order.add(txn) });
    for (const [f, key, value] of steps)
      if (isAppend(f)) this.#claim(txn, key, value, appends);
      else if (f === 'w' || f === 'write')
        this.undecided = `${they(op)} writes to ${key} instead of appending`;
    txn.unseen = appends.length;
    op.note = txn;
    this.#open.add(txn);
    this.#order.link(this.#now, txn.node, REAL_TIME);
    this.#passed = true;
    const before = this.#crashed.get(op.process);
    if (!before) return;
    this.#crashed.delete(op.process);
    before.next = txn;
    if (before.happened) this.#order.link(before.node, txn.node, { kind: 'session' });
  }

  #claim(of: Transaction, key: Key, value: unknown, appends: Append[]): void {
    const list = this.#listOf(key);
    const name = nameOf(value);
    const known = list.elements.get(name);
    if (known !== undefined && known !== FAILED)
      this.undecided = `${print(value)} was appended to ${key} twice`;
    const earlier = appends.findLast((each) => each.list === list);
    if (earlier) earlier.last = false;
    const append = { list, value, of, earlier, last: true, place: -1 };
    of.ends.push(list);
    list.elements.set(name, append);
    appends.push(append);
    this.#elements++;
  }

  ended(op: Seen): Anomaly | undefined {
    const txn = op.note as Transaction | undefined;
    if (!txn) return undefined;
    op.note = undefined;
    this.#open.delete(txn);
    txn.ended = true;
    const anomaly =
      op.outcome === 'ok' ? this.#succeeded(txn) : op.outcome === 'fail' ? this.#failed(txn) : undefined;
    if (op.outcome === 'info') this.#crashed.set(op.process, txn);
    if (anomaly || this.undecided !== undefined) return anomaly;
    this.#consider(txn);
    this.#letGo(op);
    return undefined;
  }

  #failed(txn: Transaction): Anomaly | undefined {
    if (txn.witness) return this.#aborted(txn.witness, txn);
    for (const { list, value } of txn.appends) list.elements.set(nameOf(value), FAILED);
    this.#order.remove(txn.node, PAST, inTime);
    return undefined;
  }

  #succeeded(txn: Transaction): Anomaly | undefined {
    const { op } = txn;
    const steps = stepsOf(op.f, op.key, op.input, op.output, true) ?? [];
    const appended = steps.filter(([f]) => isAppend(f));
    if (!appended.every(([, key, value], i) => isSame(txn.appends[i], key, value))) {
      this.undecided = `${they(op)} asked to append one thing and was told of another`;
      return undefined;
    }
    const wrong = contradiction(steps);
    if (wrong !== undefined)
      return violation('internal', undefined, [op], `T${op.id} contradicts itself: ${wrong}.`);
    txn.by = Math.min(txn.by, op.return);
    for (const [f, key, value] of steps) {
      if (isAppend(f)) continue;
      if (value !== null && value !== undefined && !Array.isArray(value)) {
        this.undecided = `${they(op)} read ${print(value)} from ${key}, which is no list`;
        return undefined;
      }
      this.#reads++;
      const anomaly = this.#read(txn, this.#listOf(key), elementsOf(value));
      if (anomaly || this.undecided !== undefined) return anomaly;
    }
    const anomaly = this.#happen(txn);
    if (anomaly) return anomaly;
    if (this.#passed) {
      const before = this.#now;
      this.#now = this.#order.add({ at: op.return });
      this.#order.link(before, this.#now, REAL_TIME);
      this.#passed = false;
      this.#thin(before);
    }
    this.#order.link(txn.node, this.#now, REAL_TIME);
    return undefined;
  }

  #read(txn: Transaction, list: List, elements: readonly unknown[]): Anomaly | undefined {
    const { length } = elements;
    for (let i = 0; i < Math.min(length, list.length); i++)
      if (nameOf(elements[i]) !== list.names[i]) return this.#incompatible(txn, list, elements, i);
    if (length > list.length) {
      for (let i = list.length; i < length; i++) {
        const anomaly = this.#extend(txn, list, nameOf(elements[i]), elements[i]);
        if (anomaly || this.undecided !== undefined) return anomaly;
      }
      const anomaly = this.#beforeUnseen(list, list.writers.at(-1)?.of, 'ww');
      if (anomaly) return anomaly;
    }
    // What it appended itself is no news from anybody else.
    let known = length;
    while (known > 0 && list.writers[known - 1]?.of === txn) known--;
    if (known > 0) {
      const from = list.writers[known - 1]?.of;
      if (!list.last[known - 1]) return this.#intermediate(txn, from, list, elements[known - 1]);
      const anomaly = from && this.#link(from, txn, { kind: 'wr', list });
      if (anomaly) return anomaly;
    }
    return known < list.length ? this.#missed(txn, list, known) : this.#readAll(txn, list);
  }

  /** Puts an element where it was seen, after all that had been seen. */
  #extend(txn: Transaction, list: List, name: unknown, value: unknown): Anomaly | undefined {
    const append = list.elements.get(name);
    if (typeof append === 'number') return this.#duplicate(txn, list, value);
    if (append === undefined || append === FAILED) return this.#outOfNowhere(txn, list, value, append);
    const { of } = append;
    if (of.expired) {
      this.undecided = `${print(value)} was read from ${list.key} so long after it had been appended that what came before it is forgotten`;
      return undefined;
    }
    if (append.earlier && append.earlier.place < 0) return this.#ownOrder(txn, list, append.earlier, append);
    const before = list.writers.at(-1)?.of;
    append.place = list.length;
    list.elements.set(name, append.place);
    list.unseen.delete(append);
    list.reader = txn.op;
    list.names.push(name);
    list.last.push(append.last);
    list.writers.push(append);
    of.by = Math.min(of.by, txn.op.return);
    of.unseen--;
    if (!of.happened && of !== txn) of.witness ??= txn;
    const { readers } = list;
    list.readers = [];
    for (const reader of readers) {
      const anomaly = this.#link(reader, of, { kind: 'rw', list });
      if (anomaly) return anomaly;
      this.#consider(reader);
    }
    if (before) this.#consider(before);
    const anomaly =
      (before && this.#link(before, of, { kind: 'ww', list })) ?? (of === txn ? undefined : this.#happen(of));
    if (!anomaly) this.#consider(of);
    return anomaly;
  }

  /** It certainly took effect: what it appended comes after all that has been seen of those lists. */
  #happen(txn: Transaction): Anomaly | undefined {
    if (txn.happened) return undefined;
    txn.happened = true;
    if (txn.unseen > 0) this.#unread.add(txn);
    const { next } = txn;
    if (next?.node.gone)
      this.undecided = `${they(txn.op)} went on after a transaction that took effect only much later`;
    else if (next) {
      const anomaly = this.#link(txn, next, { kind: 'session' });
      if (anomaly) return anomaly;
    }
    for (const append of txn.appends) {
      if (append.place >= 0) continue;
      const { list } = append;
      list.unseen.add(append);
      const before = list.writers.at(-1)?.of;
      const anomaly = before && this.#link(before, txn, { kind: 'ww', list });
      if (anomaly) return anomaly;
      for (const reader of list.readers) {
        const missed = this.#link(reader, txn, { kind: 'rw', list });
        if (missed) return missed;
      }
    }
    return undefined;
  }

  #missed(txn: Transaction, list: List, known: number): Anomaly | undefined {
    const next = list.writers[known]?.of;
    // Whoever appended that is forgotten, and so had returned before this one was called.
    if (!next || next.node.gone) return this.#stale(txn, list, known, next);
    return this.#link(txn, next, { kind: 'rw', list });
  }

  #readAll(txn: Transaction, list: List): Anomaly | undefined {
    if (list.readers.length > MANY) list.readers = list.readers.filter(({ node }) => !node.gone);
    list.readers.push(txn);
    txn.ends.push(list);
    for (const append of list.unseen)
      if (append.of.expired && append.of.by < txn.op.call) return this.#lost(txn, append);
    return this.#beforeUnseen(list, txn, 'rw');
  }

  /** What took effect and has not been seen comes after whoever knew the list to its end, and whoever wrote that. */
  #beforeUnseen(list: List, txn: Transaction | undefined, kind: 'ww' | 'rw'): Anomaly | undefined {
    for (const { of } of txn ? list.unseen : []) {
      const anomaly = of.expired ? undefined : this.#link(txn as Transaction, of, { kind, list });
      if (anomaly) return anomaly;
    }
    return undefined;
  }

  #link(from: Transaction, to: Transaction, why: Why): Anomaly | undefined {
    // Nothing leads to what is gone.
    if (from.node.gone || from === to) return undefined;
    const path = this.#order.link(from.node, to.node, why);
    return path && explainCycle([{ from: from.node, to: to.node, why }, ...path]);
  }

  #consider(txn: Transaction): void {
    if (txn.ended && !txn.node.gone && txn.by < Infinity && (txn.unseen === 0 || txn.expired))
      this.#ready.push(txn);
  }

  #letGo(now: Seen): void {
    if (this.#order.size > REMEMBERED) this.#expire();
    const [first] = this.#open;
    const oldest = first?.op.call ?? (now.return === Infinity ? now.call : now.return);
    const ready = this.#ready;
    for (const last = ready.length; this.#next < last; this.#next++) {
      const txn = ready[this.#next] as Transaction;
      if (txn.by >= oldest) break;
      const { into, gone } = txn.node;
      if (gone) continue;
      if (into.length === 0) this.#forget(txn);
      else if (into.some(({ from: { of } }) => !isMoment(of) && of.by >= oldest)) ready.push(txn);
      else if (!this.#isAtEnd(txn)) this.#forget(txn);
    }
    if (this.#next < ready.length / 2) return;
    this.#ready = ready.slice(this.#next);
    this.#next = 0;
  }

  /** Whether what others appended long ago, and nobody has read, may yet turn out to come right after it. */
  #isAtEnd(txn: Transaction): boolean {
    for (const list of txn.ends)
      if (list.unseen.size > 0 && (list.writers.at(-1)?.of === txn || list.readers.includes(txn)))
        return true;
    return false;
  }

  #forget(txn: Transaction): void {
    this.#unread.delete(txn);
    for (const { list, place } of txn.appends) if (place >= 0) list.writers[place] = undefined;
    const { into, out } = txn.node;
    const moments = [...into.map(({ from }) => from), ...out.map(({ to }) => to)];
    this.#order.remove(txn.node, PAST, inTime);
    for (const moment of moments) this.#thin(moment);
  }

  /** Takes moments away that say nothing any more: nothing that is remembered returned before, or was called right after. */
  #thin(moment: TransactionNode): void {
    const work = [moment];
    for (let one = work.pop(); one; one = work.pop()) {
      if (one.gone || one === this.#now || !isMoment(one.of)) continue;
      if (one.into.length > 0 && (one.into.length > 1 || one.out.length > 1)) continue;
      const after = one.out.map(({ to }) => to);
      const before = one.into.map(({ from }) => from);
      if (before.length > 0 && !isMoment((before[0] as TransactionNode).of)) continue;
      this.#order.remove(one, REAL_TIME, NEVER);
      work.push(...after, ...before);
    }
  }

  #expire(): void {
    for (const txn of this.#unread) {
      this.#unread.delete(txn);
      txn.expired = true;
      this.#consider(txn);
      if (this.#unread.size <= REMEMBERED / 2) return;
    }
  }

  #listOf(key: Key): List {
    let list = this.#lists.get(key);
    if (!list) this.#lists.set(key, (list = new List(key)));
    return list;
  }

  #incompatible({ op }: Transaction, list: List, elements: readonly unknown[], at: number): Anomaly {
    const other = list.reader as Seen;
    return violation(
      'incompatible order',
      list.key,
      [op, other],
      `T${op.id} read ${print(elements[at])} at place ${at} of ${list.key}, where T${other.id} had read ${list.describe(at)}: no one order of appends gives both.`,
    );
  }

  #duplicate({ op }: Transaction, list: List, value: unknown): Anomaly {
    return violation(
      'duplicate elements',
      list.key,
      [op],
      `T${op.id} read ${print(value)} in ${list.key} more than once, though it was appended once.`,
    );
  }

  #outOfNowhere({ op }: Transaction, list: List, value: unknown, how: typeof FAILED | undefined): Anomaly {
    const [kind, why] =
      how === FAILED
        ? ['G1a', 'which a transaction had appended that failed']
        : ['thin-air read', 'which nobody had appended'];
    return violation(kind, list.key, [op], `T${op.id} read ${print(value)} in ${list.key}, ${why}.`);
  }

  #aborted(txn: Transaction, by: Transaction): Anomaly {
    const seen = by.appends.find(({ place }) => place >= 0) as Append;
    const { key } = seen.list;
    return violation(
      'G1a',
      key,
      [txn.op, by.op],
      `T${txn.op.id} read ${print(seen.value)} in ${key}, which T${by.op.id} appended before it failed.`,
    );
  }

  #intermediate({ op }: Transaction, by: Transaction | undefined, list: List, value: unknown): Anomaly {
    const whose = by ? `T${by.op.id}` : 'a transaction';
    return violation(
      'G1b',
      list.key,
      [op, by?.op],
      `T${op.id} read ${list.key} up to ${print(value)}, a state in the middle of ${whose}, which appended more after it.`,
    );
  }

  #ownOrder({ op }: Transaction, list: List, first: Append, second: Append): Anomaly {
    const by = first.of.op;
    return violation(
      'incompatible order',
      list.key,
      [op, by],
      `T${by.id} appended ${print(first.value)} and then ${print(second.value)} to ${list.key}, but T${op.id} read the second without the first before it.`,
    );
  }

  #stale({ op }: Transaction, list: List, known: number, next: Transaction | undefined): Anomaly {
    const who = next ? `T${next.op.id}` : 'a transaction';
    return violation(
      'G-single-realtime',
      list.key,
      [op, next?.op, list.reader],
      `T${op.id} read ${list.key} with ${known} elements, although ${who} that appended the next, ${list.describe(known)}, had returned before it was called.`,
    );
  }

  #lost({ op }: Transaction, { list, value, of }: Append): Anomaly {
    return violation(
      'G-single-realtime',
      list.key,
      [op, of.op],
      `T${op.id} read ${list.key} without ${print(value)}, although T${of.op.id}, which appended it, had returned before T${op.id} was called.`,
    );
  }
}

function isSame(append: Append | undefined, key: Key, value: unknown): boolean {
  return append !== undefined && append.list.key === key && nameOf(append.value) === nameOf(value);
}

const REAL_TIME: Why = { kind: 'real time' };
const PAST: Why = { kind: 'past' };
const NEVER = (): boolean => false;
/** Readers of a list's end are looked through for some to forget when there are this many. */
const MANY = 64;
