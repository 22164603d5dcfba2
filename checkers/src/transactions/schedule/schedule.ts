import { INITIAL, OK, OPEN } from '../columns.ts';
import type { Transactions } from '../columns.ts';
import type { Family } from '../levels.ts';
import type { Limits } from '../limits.ts';
import { inOrder } from '../in-order.ts';
import { previousInSession } from '../order-edges.ts';
import { likelyPlaces } from '../likely-sequence.ts';
import type { RegisterReads } from '../register-reads.ts';
import type { RegisterVersions } from '../register-versions.ts';
import type { Writers } from '../writers.ts';
import { FirstChains } from './first-chains.ts';
import { Gate } from './gate.ts';
import { joined, Lessons, levelOf } from './lessons.ts';
import type { Circle, Reason } from './lessons.ts';
import { Queue } from './queue.ts';
import { Registers } from './registers.ts';

/** An order in which register transactions may have taken effect. */
export interface Schedule {
  /** `false`: no order explains what was read, and `core` is why. Undefined: the search gave up. */
  readonly explains: boolean | undefined;
  /** The moves in order, where they explain everything: transactions or, for snapshots, see {@link startOf}. */
  readonly order: Int32Array;
  /** Transactions that already have no order on their own. */
  readonly core: readonly number[];
  readonly conflicts: number;
}

export interface ScheduleProblem {
  readonly txns: Transactions;
  readonly writers: Writers;
  readonly reads: RegisterReads;
  readonly versions: RegisterVersions;
  /** What the order keeps: sessions, or real time as well. */
  readonly family: Family;
  /** Snapshot isolation: a transaction reads at one moment and writes at a later one. */
  readonly snapshot: boolean;
}

/** Under snapshot isolation transaction `t` makes two moves: it reads at `2t`, and writes at `2t + 1`. */
function startOf(t: number): number {
  return 2 * t;
}

/**
 * Looks for the order in which transactions took effect by running them: one may go when those that it reads from and
 * those before it in session or real time have gone, and when nobody still has to read what it would overwrite.
 * When nobody may, the latest move that is to blame is taken back, and why is remembered: see {@link Lessons}. On
 * histories of real stores that reaches back a few dozen moves at most, so the whole is nearly linear. At worst it is
 * exponential, and gives up after so many conflicts.
 */
export function schedule(
  problem: ScheduleProblem,
  limits: Limits,
  conflicts: number = CONFLICTS_MAX,
): Schedule {
  return limits.passing(() => new Scheduler(problem, limits, conflicts).run());
}

/** Without a deadline a search ends all the same. */
const CONFLICTS_MAX = 5_000_000;

/** What a move is doing: nothing, since something it needs is missing; queued to be tried; listed with what it waits for. */
const AWAY = 0;
const QUEUED = 1;
const WAITING = 2;

class Scheduler {
  readonly #writers: Writers;
  readonly #outcome: Uint8Array;
  readonly #limits: Limits;
  readonly #conflictsMax: number;
  /** Two moves a transaction. */
  readonly #split: boolean;
  /** The place of each move; −1 for those not made. */
  readonly #position: Int32Array;
  readonly #trail: Int32Array;
  #made = 0;
  readonly #total: number;
  readonly #registers: Registers;
  readonly #gate: Gate;
  readonly #first: FirstChains | undefined;
  readonly #lessons: Lessons;
  /** The next transaction of the session, and the one that must come before, where sessions count. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Transactions by when they should have gone, and the first that has not. */
  readonly #byDue: Int32Array;
  readonly #dueRank: Int32Array;
  #early = 0;
  readonly #ready: Queue;
  readonly #state: Uint8Array;
  /** Lists of moves that wait for a move to be made, and for a key to be free. */
  readonly #waitingForMove: Int32Array;
  readonly #waitingForKey: Int32Array;
  readonly #nextWaiting: Int32Array;
  #conflicts = 0;

  constructor(problem: ScheduleProblem, limits: Limits, conflictsMax: number) {
    const { txns, writers, reads, versions, family, snapshot } = problem;
    const n = txns.length;
    const moves = snapshot ? 2 * n : n;
    this.#writers = writers;
    this.#outcome = txns.outcome;
    this.#limits = limits;
    this.#conflictsMax = conflictsMax;
    this.#split = snapshot;
    this.#position = limits.int32(moves).fill(-1);
    this.#trail = limits.int32(moves);
    this.#state = limits.uint8(moves);
    this.#waitingForMove = limits.int32(moves).fill(-1);
    this.#waitingForKey = limits.int32(txns.keys.length).fill(-1);
    this.#nextWaiting = limits.int32(moves);
    this.#lessons = new Lessons(limits.int32(moves), (move) => this.#wake(this.#waitingForMove, move));
    this.#registers = new Registers(
      txns,
      reads,
      versions,
      { complete: (t) => this.#queue(this.#start(t)), moved: (k) => this.#wake(this.#waitingForKey, k) },
      limits,
    );
    const gone = this.#registers.hasWritten;
    const realTime = family === 'realtime';
    this.#gate = new Gate(txns, reads.happened, gone, realTime, limits);
    this.#first = realTime ? new FirstChains(txns, writers, versions, gone, limits) : undefined;
    const sessions = family !== 'data';
    this.#next = sessions ? nextInSession(txns, reads.happened, limits) : limits.int32(n).fill(-1);
    this.#previous = sessions ? previousInSession(txns, reads.happened, limits) : limits.int32(n).fill(-1);
    const due = dueTimes(txns, reads, limits);
    this.#byDue = inOrder(due, reads.happened, limits);
    this.#total = snapshot ? 2 * this.#byDue.length : this.#byDue.length;
    this.#dueRank = limits.int32(n);
    for (let i = 0; i < this.#byDue.length; i++) this.#dueRank[this.#byDue[i] as number] = i;
    this.#ready = new Queue(snapshot ? twice(due, limits) : due);
    if (!realTime) for (const t of this.#byDue) this.#queue(this.#start(t));
  }

  run(): Schedule {
    this.#gate.advance((t) => this.#queue(this.#start(t)));
    for (;;) {
      this.#goOn();
      if (this.#made === this.#total) return this.#result(true, []);
      if (this.#conflicts++ === this.#conflictsMax) return this.#result(undefined, []);
      const reason = this.#learnFrom(this.#earliest());
      if (reason) return this.#result(false, reason);
    }
  }

  #result(explains: boolean | undefined, core: readonly number[]): Schedule {
    return { explains, order: this.#trail.slice(0, this.#made), core, conflicts: this.#conflicts };
  }

  #start(t: number): number {
    return this.#split ? startOf(t) : t;
  }

  #end(t: number): number {
    return this.#split ? startOf(t) + 1 : t;
  }

  #transactionOf(move: number): number {
    return this.#split ? move >> 1 : move;
  }

  #reads(move: number): boolean {
    return !this.#split || (move & 1) === 0;
  }

  #writes(move: number): boolean {
    return !this.#split || (move & 1) === 1;
  }

  #isMade(move: number): boolean {
    return (this.#position[move] as number) >= 0;
  }

  /** Makes moves until none can be made. */
  #goOn(): void {
    while (this.#ready.size > 0) {
      const move = this.#ready.pop();
      this.#limits.step(4);
      if (this.#state[move] !== QUEUED || this.#isMade(move)) continue;
      this.#state[move] = AWAY;
      // What stopped being ready while queued is queued again when it is.
      if (!this.#isReady(move)) continue;
      const key = this.#keyInUse(move);
      if (key >= 0) this.#wait(this.#waitingForKey, key, move);
      else {
        const other = this.#mustFollow(move);
        if (other >= 0) this.#wait(this.#waitingForMove, other, move);
        else this.#make(move);
      }
    }
  }

  #isReady(move: number): boolean {
    const t = this.#transactionOf(move);
    if (!this.#reads(move)) return this.#registers.hasRead[t] === 1;
    const previous = this.#previous[t] as number;
    return (
      this.#registers.isComplete(t) &&
      this.#gate.isInside(t) &&
      (previous < 0 || this.#registers.hasWritten[previous] === 1)
    );
  }

  /** A key that the move would lock or write and cannot, or −1. */
  #keyInUse(move: number): number {
    const t = this.#transactionOf(move);
    return this.#writes(move) ? this.#registers.heldKey(t) : this.#registers.lockedKey(t);
  }

  /** A move that must be made first because of a lesson or of real time, or −1. */
  #mustFollow(move: number): number {
    const lesson = this.#lessons.holding(move, this.#position);
    if (lesson >= 0) return this.#lessons.waitsFor(lesson);
    const first = this.#firstChain(move);
    return first ? this.#end(first.begins) : -1;
  }

  #firstChain(move: number): ReturnType<FirstChains['before']> {
    return this.#first && this.#writes(move) ? this.#first.before(this.#transactionOf(move)) : undefined;
  }

  #queue(move: number): void {
    if (this.#state[move] !== AWAY || this.#isMade(move) || !this.#isReady(move)) return;
    this.#state[move] = QUEUED;
    this.#ready.push(move);
  }

  /** Those of the session up to the next whose client knew how it ended: the rest have that before them. */
  #queueNext(t: number): void {
    for (let next = this.#next[t] as number; next >= 0; next = this.#next[next] as number) {
      this.#queue(this.#start(next));
      if (this.#outcome[next] === OK) return;
    }
  }

  #wait(lists: Int32Array, list: number, move: number): void {
    this.#state[move] = WAITING;
    this.#nextWaiting[move] = lists[list] as number;
    lists[list] = move;
  }

  #wake(lists: Int32Array, list: number): void {
    for (let move = lists[list] as number; move !== -1; move = this.#nextWaiting[move] as number) {
      this.#state[move] = QUEUED;
      this.#ready.push(move);
    }
    lists[list] = -1;
  }

  #make(move: number): void {
    const t = this.#transactionOf(move);
    this.#position[move] = this.#made;
    this.#trail[this.#made++] = move;
    if (this.#reads(move)) this.#registers.read(t);
    if (this.#split) this.#registers.lock(t, this.#reads(move) ? t : -1);
    if (this.#writes(move)) this.#registers.write(t);
    this.#wake(this.#waitingForMove, move);
    if (!this.#writes(move)) this.#queue(this.#end(t));
    else {
      this.#queueNext(t);
      this.#gate.advance((each) => this.#queue(this.#start(each)));
    }
  }

  /** Takes back every move from a position on. */
  #takeBack(position: number): void {
    while (this.#made > position) {
      const move = this.#trail[--this.#made] as number;
      const t = this.#transactionOf(move);
      this.#limits.step(4);
      this.#position[move] = -1;
      this.#lessons.takeBack(this.#made);
      if (this.#writes(move)) {
        this.#registers.unwrite(t);
        this.#first?.takeBack(t);
        this.#gate.retreat(t);
        this.#early = Math.min(this.#early, this.#dueRank[t] as number);
      }
      if (this.#split) this.#registers.lock(t, this.#reads(move) ? -1 : t);
      if (this.#reads(move)) this.#registers.unread(t);
      this.#state[move] = QUEUED;
      this.#ready.push(move);
    }
    this.#gate.settle();
  }

  /** The move that should have been made first of those that have not. */
  #earliest(): number {
    const { hasRead, hasWritten } = this.#registers;
    while (hasWritten[this.#byDue[this.#early] as number] === 1) this.#early++;
    const t = this.#byDue[this.#early] as number;
    return hasRead[t] === 1 ? this.#end(t) : this.#start(t);
  }

  /** No move can be made: takes back what is to blame, and remembers why. When nothing is, returns who is involved. */
  #learnFrom(stuck: number): readonly number[] | undefined {
    const found = this.#circleFrom(stuck);
    let { circle } = found;
    let reasons = joined(found.reasons);
    for (;;) {
      if (reasons.length === 0) return this.#lessons.everyoneOn(circle);
      const level = Math.max(...reasons.map((reason) => reason.level));
      const position = (level - 1) >> 1;
      const latest = reasons.filter((reason) => reason.level === level).map(({ blamed }) => blamed);
      if (level === levelOf(position)) {
        const earlier = reasons.filter((reason) => reason.level !== level);
        const who = this.#trail[position] as number;
        this.#takeBack(position);
        this.#lessons.learn(who, latest, earlier, position, circle);
        return undefined;
      }
      const lesson = Math.max(...latest);
      this.#takeBack(this.#lessons.positionOf(lesson));
      const rest = reasons.filter((reason) => reason.level !== level || reason.blamed !== lesson);
      const left = this.#lessons.chooseAgain(lesson, rest, circle);
      if (left === undefined) return undefined;
      reasons = left;
      circle = { ...circle, lessons: [...circle.lessons, lesson] };
    }
  }

  /** Follows what waits for what until something comes up again. */
  #circleFrom(stuck: number): { readonly circle: Circle; readonly reasons: readonly Reason[] } {
    const path: number[] = [];
    const waits: Wait[] = [];
    const at = new Map<number, number>();
    let move = stuck;
    while (!at.has(move)) {
      at.set(move, path.length);
      path.push(move);
      const wait = this.#waitOf(move);
      waits.push(wait);
      move = wait.for;
    }
    const from = at.get(move) as number;
    const on = waits.slice(from);
    return {
      circle: {
        members: [
          ...path.slice(from).map((each) => this.#transactionOf(each)),
          ...on.flatMap(({ witnesses }) => witnesses ?? []),
        ],
        lessons: on.flatMap(({ lesson }) => lesson ?? []),
      },
      reasons: on.flatMap(({ reasons }) => reasons ?? []),
    };
  }

  /** What a move waits for that cannot be made. */
  #waitOf(move: number): Wait {
    const t = this.#transactionOf(move);
    if (this.#reads(move)) {
      if (!this.#gate.isInside(t)) return { for: this.#end(this.#gate.holdsBack) };
      if (!this.#registers.isComplete(t)) return { for: this.#end(this.#registers.missing(t)) };
      const previous = this.#previous[t] as number;
      if (previous >= 0 && !this.#registers.hasWritten[previous]) return { for: this.#end(previous) };
    } else if (!this.#registers.hasRead[t]) return { for: this.#start(t) };
    const first = this.#firstChain(move);
    if (first) return { for: this.#end(first.begins), witnesses: first.witnesses };
    const lesson = this.#lessons.holding(move, this.#position);
    if (lesson >= 0)
      return { for: this.#lessons.waitsFor(lesson), reasons: this.#lessons.reasonsFor(lesson), lesson };
    const key = this.#keyInUse(move);
    if (key < 0) throw new Error(`move ${move} can be made and was not: this is a bug`);
    return this.#writes(move) ? this.#waitForReader(move, key) : this.#waitForLock(move, key);
  }

  /** Whoever wrote what is still to be read is in the way, unless it was there from the beginning. */
  #waitForReader(move: number, key: number): Wait {
    const reader = this.#start(this.#registers.readerOf(key, this.#transactionOf(move)));
    const holds = this.#registers.holds(key);
    if (holds === INITIAL) return { for: reader };
    const writer = this.#writers.of[holds] as number;
    const level = levelOf(this.#position[this.#end(writer)] as number);
    return { for: reader, reasons: [{ level, blamed: move }], witnesses: [writer] };
  }

  #waitForLock(move: number, key: number): Wait {
    const holder = this.#registers.holderOf(key);
    const level = levelOf(this.#position[this.#start(holder)] as number);
    return { for: this.#end(holder), reasons: [{ level, blamed: move }] };
  }
}

interface Wait {
  readonly for: number;
  /** The moves that make it wait; without them it always would. */
  readonly reasons?: readonly Reason[];
  readonly lesson?: number;
  /** Other transactions that show that it has to wait. */
  readonly witnesses?: readonly number[];
}

/** The next transaction of each one's session. */
function nextInSession(txns: Transactions, happened: Uint8Array, limits: Limits): Int32Array {
  const next = limits.int32(txns.length).fill(-1);
  const last = limits.int32(txns.processes.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    if (!happened[t]) continue;
    const session = txns.process[t] as number;
    if ((last[session] as number) >= 0) next[last[session] as number] = t;
    last[session] = t;
  }
  return next;
}

/**
 * By when each should have gone: its own return, and that of everyone who reads from it. Without times, its likely
 * place. Exact where chains of readers are short; it is a guess.
 */
function dueTimes(txns: Transactions, reads: RegisterReads, limits: Limits): Int32Array {
  const due = txns.timed ? returns(txns, limits) : likelyPlaces(txns, limits);
  const sorted = inOrder(due, reads.happened, limits);
  for (let pass = 0; pass < 2; pass++)
    for (let i = sorted.length - 1; i >= 0; i--) {
      const t = sorted[i] as number;
      limits.step(2);
      for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
        const from = reads.source[m] as number;
        if (from >= 0 && (due[from] as number) > (due[t] as number)) due[from] = due[t] as number;
      }
    }
  return due;
}

function returns(txns: Transactions, limits: Limits): Int32Array {
  const due = limits.int32(txns.length);
  let last = 0;
  for (let t = 0; t < txns.length; t++)
    last = Math.max(last, txns.call[t] as number, txns.return[t] === OPEN ? 0 : (txns.return[t] as number));
  for (let t = 0; t < txns.length; t++)
    due[t] = txns.return[t] === OPEN ? last + 1 : (txns.return[t] as number);
  return due;
}

/** Due times of moves: whoever has read is tried before whoever is about to. */
function twice(due: Int32Array, limits: Limits): Int32Array {
  const moves = limits.int32(2 * due.length);
  for (let t = 0; t < due.length; t++) {
    moves[2 * t] = 2 * (due[t] as number) + 1;
    moves[2 * t + 1] = 2 * (due[t] as number);
  }
  return moves;
}
