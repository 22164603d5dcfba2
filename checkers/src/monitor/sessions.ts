import type { Anomaly, Monitor } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import type { Classical } from '../sessions/stale-read.ts';
import { stepsOf, type MicroOperation } from '../transactions/from-history.ts';
import { at, they, who } from '../words.ts';
import { FollowingMonitor } from './following.ts';
import { GrowingOrder } from './growing-order.ts';
import { chainBetween, KnownBefore } from './session-knowledge.ts';
import {
  Client,
  inSession,
  type Done,
  type KeyRecord,
  type Read,
  type Way,
  type Write,
} from './session-records.ts';
import { nameOf, type Follower, type Seen } from './seen.ts';
import { violation } from './words.ts';

/** So many operations are remembered; a read of something older leaves the verdict undecided. */
const REMEMBERED = 50_000;

/** Of how many reads that may be too old it is found out what they would speak against. */
const CLASSIFIED_MAX = 1000;

/** Watches reads and writes for what sessions rely on. */
export function sessionsMonitor(checker: string, wanted: ReadonlySet<Classical>): Monitor {
  return new FollowingMonitor({
    checker,
    promise: [...wanted].join(', '),
    algorithm: 'versions known to each client',
    byKey: false,
    follow: () => new SessionsFollower(wanted),
  });
}

/**
 * # What clients know, as they come to know it
 *
 * Every read is judged when it ends, as the checker does afterwards (see `sessions/own-past.ts`, `sessions/weighing.ts`): by
 * what its client has written and read, of which the latest of each writer is kept; and by what it knew through others, found by walking
 * back from it to the writes that are newer than what it read. Operations are kept in an order in which each comes after all that it knew of, so
 * that a walk never goes further back than those.
 *
 * Old versions may be read for ever by those who have seen none of the newer. What is remembered is the last so many
 * operations; whoever reads a version that was forgotten leaves all undecided.
 */
class SessionsFollower implements Follower {
  undecided: string | undefined;
  readonly #wanted: ReadonlySet<Classical>;
  readonly #clients = new Map<number, Client>();
  readonly #keys = new Map<Key, KeyRecord>();
  readonly #order = new GrowingOrder<Done, Way>();
  readonly #known: KnownBefore = new KnownBefore();
  /** In order of their calls; those before `#first` have been forgotten. */
  #done: Done[] = [];
  #first = 0;
  /** Reads of what nobody has written yet, by key and value. */
  readonly #unwritten = new Map<string, Read[]>();
  #reads = 0;
  #inferred = 0;

  constructor(wanted: ReadonlySet<Classical>) {
    this.#wanted = wanted;
  }

  get remembered(): number {
    return this.#done.length - this.#first;
  }

  get open(): string | undefined {
    if (this.#reads === 0) return 'no operation that succeeded read anything, so nothing could have shown';
    if (this.#unwritten.size > 0) return `${this.#unwritten.size} values were read that nobody has written`;
    return this.#inferred > 0
      ? `${this.#inferred} reads would be too old if versions came in the order that causality or time suggests, which is not certain`
      : undefined;
  }

  called(op: Seen): Anomaly | undefined {
    const steps = stepsOf(op.f, op.key, op.input, undefined, false);
    if (!steps) return undefined;
    const client = this.#clientOf(op.process);
    const done = {
      op,
      client,
      writes: [],
      reads: [],
      before: client.last,
      forgotten: false,
    } as unknown as Done;
    Object.assign(done, { node: this.#order.add(done) });
    op.note = done;
    this.#done.push(done);
    if (client.last) this.#link(client.last, done, 'session');
    let anomaly: Anomaly | undefined;
    for (const [f, key, value] of steps)
      if (f === 'w' || f === 'write') anomaly ??= this.#claim(done, this.#keyOf(key), value);
    this.#forget();
    return anomaly;
  }

  #claim(of: Done, key: KeyRecord, value: unknown): Anomaly | undefined {
    const name = nameOf(value);
    const known = key.byValue.get(name);
    if (known && !known.failed) this.undecided = `${print(value)} was written to ${key.key} twice`;
    const before = key.latest.get(of.client);
    const write: Write = {
      of,
      key,
      value,
      before,
      next: undefined,
      beside: [...key.open],
      seen: false,
      readBy: undefined,
      leftBy: new Map(),
      failed: false,
    };
    of.writes.push(write);
    key.byValue.set(name, write);
    key.writes.push(write);
    key.open.add(write);
    for (let one = before; one && one.of !== of && !one.next; one = one.before) one.next = write;
    key.latest.set(of.client, write);
    const waiting = this.#unwritten.get(unwrittenName(key, value));
    if (!waiting) return undefined;
    this.#unwritten.delete(unwrittenName(key, value));
    this.undecided = `${they(waiting[0]?.by.op as Seen)} read ${print(value)} from ${key.key} before it was written`;
    return undefined;
  }

  ended(op: Seen): Anomaly | undefined {
    const done = op.note as Done | undefined;
    if (!done) return undefined;
    op.note = undefined;
    for (const write of done.writes) write.key.open.delete(write);
    if (op.outcome === 'info' || done.forgotten) return undefined;
    const steps = op.outcome === 'ok' ? stepsOf(op.f, op.key, op.input, op.output, true) : undefined;
    const aborted = steps && steps.length > 0 ? undefined : this.#neverHappened(done);
    if (!steps || aborted) return aborted;
    done.client.last = done;
    return this.#read(done, steps) ?? this.#judge(done);
  }

  #neverHappened(done: Done): Anomaly | undefined {
    for (const write of done.writes) {
      const { key } = write;
      write.failed = true;
      key.writes.splice(key.writes.lastIndexOf(write), 1);
      let before = write.before;
      while (before?.of === done) before = before.before;
      if (before) key.latest.set(done.client, before);
      else key.latest.delete(done.client);
      for (let one = before; one?.next?.of === done; one = one.before) one.next = undefined;
      if (write.readBy) return aborted(write, write.readBy);
    }
    return undefined;
  }

  /** Finds whose writes were read. */
  #read(done: Done, steps: readonly MicroOperation[]): Anomaly | undefined {
    /** For each key what it held last, as far as this transaction is concerned; `undefined` after a list. */
    const touched = new Map<Key, { readonly f: string; readonly value: unknown }>();
    for (const [at, [f, key, value]] of steps.entries()) {
      const reads = f === 'r' || f === 'read';
      if (reads && value === undefined) continue;
      const before = touched.get(key);
      touched.set(key, { f, value });
      if (!reads || Array.isArray(value)) continue;
      this.#reads++;
      // What it reads after its own write is its own; and the same again is nothing new.
      if (before && (before.f !== f || nameOf(before.value) === nameOf(value))) continue;
      const read = { by: done, key: this.#keyOf(key), value, initial: value === null };
      const anomaly = writesLater(steps.slice(at), key, value)
        ? violation(
            'internal',
            key,
            [done.op],
            `${who(done.op)} read ${print(value)} from ${key} before it wrote it itself.`,
          )
        : this.#resolve(read, before === undefined);
      if (anomaly) return anomaly;
    }
    return undefined;
  }

  #resolve(read: Omit<Read, 'from'>, first: boolean): Anomaly | undefined {
    const { by, key, value, initial } = read;
    const from = initial ? undefined : key.byValue.get(nameOf(value));
    if (key.forgetful && !from)
      this.undecided = `${initial ? 'nothing' : print(value)} was read from ${key.key}, and what was written there long before has been forgotten`;
    if (from?.failed) return aborted(from, by);
    if (from) from.readBy ??= by;
    if (!initial && !from) {
      const name = unwrittenName(key, value);
      this.#unwritten.set(name, [...(this.#unwritten.get(name) ?? []), { ...read, from }]);
    }
    if (!first || (!initial && !from)) return undefined;
    const found: Read = { ...read, from };
    by.reads.push(found);
    if (!from) return undefined;
    from.seen = true;
    by.client.note(from);
    const circle = this.#link(from.of, by, 'read');
    const back = backAndForth(found, from);
    return circle ?? (this.#wanted.has('monotonic reads') ? back : undefined);
  }

  /** Judges its reads, and what those knew through it who had read from it before it had ended. */
  #judge(done: Done): Anomaly | undefined {
    const concerned = new Set([done]);
    for (const each of concerned)
      for (const { to } of each.node.out) if (to.of.op.outcome === 'ok') concerned.add(to.of);
    for (const read of done.reads) {
      const anomaly = this.#ownPast(read);
      if (anomaly) return anomaly;
    }
    for (const { reads } of concerned)
      for (const read of reads) {
        const anomaly = this.#throughOthers(read);
        if (anomaly) return anomaly;
      }
    return undefined;
  }

  /** What its client had itself written or read that is certainly newer. */
  #ownPast(read: Read): Anomaly | undefined {
    const { by, key, from } = read;
    const { client } = by;
    for (const newer of certainlyNewer(read)) {
      const whose = newer.of.client;
      const here = client.on(key, whose);
      const elsewhere = client.elsewhere(key, whose);
      for (let other: Write | undefined = newer; other; other = other.next) {
        const knows = (seen: Write | undefined): seen is Write =>
          seen !== undefined && (seen.of === other?.of || inSession((other as Write).of, seen.of));
        if (inSession(other.of, by) && this.#wanted.has('read your writes'))
          return stale('read your writes', read, [other.of]);
        if (here !== from && knows(here) && this.#wanted.has('monotonic reads'))
          return stale('monotonic reads', read, [other.of, here.of, whoRead(read, here)]);
        if (knows(elsewhere) && this.#wanted.has('monotonic writes'))
          return stale('monotonic writes', read, [other.of, elsewhere.of, whoRead(read, elsewhere)]);
        if (other.of.op.outcome === 'ok') break;
      }
    }
    return undefined;
  }

  /** What it knew of through others that is newer, for certain or as far as causality and time tell. */
  #throughOthers(read: Read): Anomaly | undefined {
    const { by, from } = read;
    const newer = newerWrites(read).filter(
      ({ of }) => of !== by && of !== from?.of && of.node.position < by.node.position,
    );
    if (newer.length === 0) return undefined;
    const known = this.#known.learn(by, Math.min(...newer.map(({ of }) => of.node.position)));
    const passed = newer.filter(({ of }) => hasHappened(of) && known.has(of));
    if (this.#wanted.has('writes follow reads'))
      for (const { of } of passed) {
        if (from && !inSession(from.of, of)) continue;
        const chain = chainBetween(of, by, known, (each) => !isNewerHere(each, read));
        if (chain) return stale('writes follow reads', read, [of, ...chain]);
      }
    if (from) this.#infer(read, from, passed);
    return undefined;
  }

  #infer(read: Read, from: Write, passed: readonly Write[]): void {
    for (const { of } of passed) {
      if (inSession(from.of, of) || inSession(of, from.of)) continue;
      const later =
        from.of.op.return < of.op.call ||
        (from.of.node.position < of.node.position &&
          new KnownBefore().learn(of, from.of.node.position).has(from.of));
      if (later && (this.#inferred >= CLASSIFIED_MAX || this.#wanted.has(howItKnew(read, of)))) {
        this.#inferred++;
        return;
      }
    }
  }

  /** Keeps an order; what cannot be fitted in has been seen by those who wrote what it follows from. */
  #link(before: Done, after: Done, way: Way): Anomaly | undefined {
    if (before.forgotten || before === after) return undefined;
    const path = this.#order.link(before.node, after.node, way);
    if (!path) return undefined;
    if (!this.#wanted.has('writes follow reads')) {
      this.undecided = 'what clients read and wrote goes in a circle';
      return undefined;
    }
    const members = [before, after, ...path.map(({ to }) => to.of)];
    return violation(
      'writes follow reads',
      undefined,
      members.map(({ op }) => op),
      `${new Set(members).size} operations go round in a circle: each comes after another of them, whose client had done it earlier, or whose write it read.`,
    );
  }

  #forget(): void {
    if (this.remembered <= REMEMBERED) return;
    const oldest = this.#done[this.#first++] as Done;
    oldest.forgotten = true;
    this.#order.forget(oldest.node);
    for (const write of oldest.writes) {
      const { key } = write;
      if (write.next) write.next.before = undefined;
      key.forgetful ||= !write.failed;
      if (key.byValue.get(nameOf(write.value)) === write) key.byValue.delete(nameOf(write.value));
      // The oldest of all is the oldest here. Taking it out would move all others.
      if (!write.failed && ++key.gone * 2 > key.writes.length) {
        key.writes = key.writes.slice(key.gone);
        key.gone = 0;
      }
      if (key.latest.get(oldest.client) === write) key.latest.delete(oldest.client);
    }
    // A client that never learned how its last operation ended is not heard of again.
    if (oldest.op.outcome === 'info' && oldest.client.last === oldest.before)
      this.#clients.delete(oldest.op.process);
    oldest.before = undefined;
    if (this.#first < REMEMBERED) return;
    this.#done = this.#done.slice(this.#first);
    this.#first = 0;
  }

  #clientOf(process: number): Client {
    let client = this.#clients.get(process);
    if (!client) this.#clients.set(process, (client = new Client(process)));
    return client;
  }

  #keyOf(key: Key): KeyRecord {
    let record = this.#keys.get(key);
    if (!record)
      this.#keys.set(
        key,
        (record = {
          key,
          writes: [],
          byValue: new Map(),
          open: new Set(),
          latest: new Map(),
          gone: 0,
          forgetful: false,
        }),
      );
    return record;
  }
}

function aborted({ of, key, value }: Write, by: Done): Anomaly {
  return violation(
    'aborted read',
    key.key,
    [by.op, of.op],
    `${who(by.op)} read ${print(value)} from ${key.key}, which ${they(of.op)} had asked to write, and which never happened.`,
  );
}

function hasHappened({ op, writes }: Done): boolean {
  return op.outcome === 'ok' || writes.some(({ seen }) => seen);
}

function writesLater(steps: readonly MicroOperation[], key: Key, value: unknown): boolean {
  return steps.some(([f, k, v]) => (f === 'w' || f === 'write') && k === key && nameOf(v) === nameOf(value));
}

/** Of each client the first write that is newer beyond doubt: nothing is older than the initial value; one client writes in order. */
function certainlyNewer({ key, from, initial }: Read): readonly Write[] {
  if (!initial) return from?.next && inSession(from.of, from.next.of) ? [from.next] : [];
  const first = new Map<Client, Write>();
  for (const write of key.writes.slice(key.gone))
    if (!first.has(write.of.client)) first.set(write.of.client, write);
  return [...first.values()];
}

/** Writes that may be newer than what was read: those called later, and those that were under way when it was called. */
function newerWrites({ key, from }: Read): readonly Write[] {
  if (!from) return key.writes.slice(key.gone);
  const newer = from.beside.filter(({ failed, of }) => !failed && !of.forgotten);
  for (let i = key.writes.length - 1; i >= 0 && key.writes[i] !== from; i--)
    newer.push(key.writes[i] as Write);
  return newer;
}

/** Whether what it read at another time from the same key is certainly newer: that is a matter of monotonic reads. */
function isNewerHere(each: Read, { key, from, initial }: Read): boolean {
  return (
    each.key === key && each.from !== undefined && (initial || inSession((from as Write).of, each.from.of))
  );
}

/** A client that reads 1, then 2, then 1 again has gone back, whichever is older. */
function backAndForth(read: Read, from: Write): Anomaly | undefined {
  const { by, key } = read;
  const { client } = by;
  const last = client.lastRead.get(key);
  client.lastRead.set(key, read);
  if (!last?.from || last.from === from) return undefined;
  last.from.leftBy.set(client, [last.by, by]);
  const left = from.leftBy.get(client);
  if (!left) return undefined;
  return violation(
    'monotonic reads',
    key.key,
    [left[0].op, left[1].op, by.op],
    `${who(by.op)} read ${print(from.value)} from ${key.key}, then ${print(last.value)}, and then ${print(from.value)} again.`,
  );
}

/** Through what its client knew of a write that only causality or time calls newer. */
function howItKnew({ by, key }: Read, other: Done): Classical {
  if (inSession(other, by)) return 'read your writes';
  let elsewhere = false;
  for (let done: Done | undefined = by; done; done = done.before)
    for (const read of done.reads) {
      if (!read.from || !(read.from.of === other || inSession(other, read.from.of))) continue;
      if (read.key !== key) elsewhere = true;
      else if (done !== by) return 'monotonic reads';
    }
  return elsewhere ? 'monotonic writes' : 'writes follow reads';
}

/** The operation with which the reader's client had read a write. */
function whoRead({ by }: Read, write: Write): Done | undefined {
  for (let done: Done | undefined = by; done; done = done.before)
    if (done.reads.some(({ from }) => from === write)) return done;
  return undefined;
}

/** How a client knew of a write, a way for each guarantee. */
const HOW: Readonly<Record<Classical, (value: string, key: Key, whose: string) => string>> = {
  'read your writes': (value, key) => `had written ${value} to ${key}`,
  'monotonic reads': (value, key, whose) =>
    `had read from ${key} the ${value} of ${whose}, or what it wrote there later`,
  'monotonic writes': (value, key, whose) =>
    `had seen what ${whose} did with or after its write of ${value} to ${key}`,
  'writes follow reads': (value, key, whose) =>
    `had seen what was written by those who had seen ${whose} write ${value} to ${key}, or what it did later`,
};

function stale(
  guarantee: Classical,
  { by, key, value, from }: Read,
  path: readonly (Done | undefined)[],
): Anomaly {
  const newer = path[0]?.writes.find((write) => write.key === key) as Write;
  const how = HOW[guarantee](print(newer.value), key.key, they(newer.of.op));
  const what = from ? `${print(value)}, which ${they(from.of.op)} had written earlier` : 'the initial value';
  return violation(
    guarantee,
    key.key,
    [from?.of.op, ...path.map((done) => done?.op), by.op],
    `${who(by.op)} ${how}, and then read ${key.key}${at(by.op.callTime)} as ${what}.`,
  );
}

function unwrittenName({ key }: KeyRecord, value: unknown): string {
  return JSON.stringify([key, value]);
}
