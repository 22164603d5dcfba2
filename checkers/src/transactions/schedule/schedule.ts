import { INITIAL, OPEN } from '../columns.ts';
import type { Transactions } from '../columns.ts';
import type { Family } from '../levels.ts';
import type { Limits } from '../limits.ts';
import type { RegisterReads } from '../register-reads.ts';
import type { RegisterVersions } from '../register-versions.ts';
import type { Writers } from '../writers.ts';
import { FirstChains } from './first-chains.ts';
import { Gate, inOrder } from './gate.ts';
import { joined, Lessons, levelOf } from './lessons.ts';
import type { Circle, Reason } from './lessons.ts';
import { Queue } from './queue.ts';
import { Registers } from './registers.ts';

/** An order in which register transactions may have taken effect. */
export interface Schedule {
  /** Each transaction's place; −1 for those that did not happen. */
  readonly position: Int32Array;
  /** The same, as the transactions in that order. */
  readonly order: Int32Array;
  /**
   * `true`: the order explains everything that was read. `false`: no order does, and `core` is why. Otherwise it explains
   * most of it, and is a good place to begin from.
   */
  readonly explains: boolean | undefined;
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
}

/**
 * Looks for the order in which transactions took effect by running them: one may go when those that it reads from and
 * those before it in session or real time have gone, and when nobody still has to read what it would overwrite.
 * When nobody may, the latest placement that is to blame is taken back, and why is remembered: see
 * {@link Lessons}. On histories of real stores that reaches back a few dozen placements at most, so the whole is
 * nearly linear; a place where it goes on and on is left wrong, and `explains` is undefined.
 */
export function schedule(problem: ScheduleProblem, limits: Limits): Schedule {
  return limits.passing(() => new Scheduler(problem, limits).run());
}

/** Conflicts without getting any further after which a place is left wrong. */
const PATIENCE = 3000;

const AWAY = 0;
const QUEUED = 1;
const WAITING = 2;

class Scheduler {
  readonly #writers: Writers;
  readonly #limits: Limits;
  readonly #position: Int32Array;
  readonly #trail: Int32Array;
  #placed = 0;
  readonly #total: number;
  readonly #registers: Registers;
  readonly #gate: Gate;
  readonly #first: FirstChains | undefined;
  readonly #lessons: Lessons;
  /** The next and the one before in the session, where sessions count. */
  readonly #after: Int32Array;
  readonly #previous: Int32Array;
  /** By when each should have gone. */
  readonly #due: Int32Array;
  readonly #byDue: Int32Array;
  readonly #dueRank: Int32Array;
  /** Everyone due before this one has gone. */
  #early = 0;
  readonly #ready: Queue;
  readonly #state: Uint8Array;
  /** Lists of those that wait for somebody to go, and for a key to move. */
  readonly #waitingForTxn: Int32Array;
  readonly #waitingForKey: Int32Array;
  readonly #nextWaiting: Int32Array;
  #conflicts = 0;
  /** Everything before this was left wrong, and is not reconsidered. */
  #fixed = 0;

  constructor(problem: ScheduleProblem, limits: Limits) {
    const { txns, writers, reads, versions, family } = problem;
    const n = txns.length;
    this.#writers = writers;
    this.#limits = limits;
    this.#position = limits.int32(n).fill(-1);
    this.#trail = limits.int32(n);
    this.#total = reads.happened.reduce((sum, each) => sum + each, 0);
    const realTime = family === 'realtime';
    this.#gate = new Gate(txns, reads.happened, this.#position, realTime, limits);
    this.#first = realTime ? new FirstChains(txns, writers, versions, this.#position, limits) : undefined;
    this.#after = limits.int32(n).fill(-1);
    this.#previous = limits.int32(n).fill(-1);
    if (family !== 'data') linkSessions(txns, reads.happened, this.#after, this.#previous);
    this.#due = dueTimes(txns, reads, limits);
    this.#byDue = inOrder(this.#due, reads.happened, limits);
    this.#dueRank = limits.int32(n);
    for (let i = 0; i < this.#byDue.length; i++) this.#dueRank[this.#byDue[i] as number] = i;
    this.#ready = new Queue(this.#due);
    this.#state = limits.uint8(n);
    this.#waitingForTxn = limits.int32(n).fill(-1);
    this.#waitingForKey = limits.int32(txns.keys.length).fill(-1);
    this.#nextWaiting = limits.int32(n);
    this.#lessons = new Lessons(limits.int32(n), (t) => this.#wake(this.#waitingForTxn, t));
    this.#registers = new Registers(
      txns,
      reads,
      versions,
      { complete: (t) => this.#queue(t), moved: (k) => this.#wake(this.#waitingForKey, k) },
      limits,
    );
    for (let t = 0; t < n; t++) if (reads.happened[t] && !realTime) this.#queue(t);
  }

  run(): Schedule {
    this.#gate.advance((t) => this.#queue(t));
    let furthest = 0;
    let patience = PATIENCE;
    let core: readonly number[] = [];
    for (;;) {
      this.#goOn();
      if (this.#placed === this.#total) return this.#result(core);
      if (this.#placed > furthest) {
        furthest = this.#placed;
        patience = PATIENCE;
      }
      const stuck = this.#earliest();
      const outcome = patience-- > 0 ? this.#learnFrom(stuck) : 'beyond reach';
      if (outcome === 'learned') continue;
      if (outcome !== 'beyond reach') core = outcome;
      this.#place(stuck);
      this.#fixed = this.#placed;
    }
  }

  #result(core: readonly number[]): Schedule {
    return {
      position: this.#position,
      order: this.#trail.slice(0, this.#placed),
      explains: core.length > 0 ? false : this.#fixed === 0 || undefined,
      core,
      conflicts: this.#conflicts,
    };
  }

  /** Places whoever may go, until nobody may. */
  #goOn(): void {
    while (this.#ready.size > 0) {
      const t = this.#ready.pop();
      this.#limits.step(4);
      if (this.#state[t] !== QUEUED || (this.#position[t] as number) >= 0) continue;
      this.#state[t] = AWAY;
      // Whoever stopped being ready while queued is queued again when it is.
      if (!this.#isReady(t)) continue;
      const key = this.#registers.heldKey(t);
      if (key >= 0) this.#wait(this.#waitingForKey, key, t);
      else {
        const other = this.#mustWaitFor(t);
        if (other >= 0) this.#wait(this.#waitingForTxn, other, t);
        else this.#place(t);
      }
    }
  }

  #isReady(t: number): boolean {
    const previous = this.#previous[t] as number;
    return (
      this.#registers.isComplete(t) &&
      this.#gate.isInside(t) &&
      (previous < 0 || (this.#position[previous] as number) >= 0)
    );
  }

  /** Somebody who must go first because of a lesson or of real time, or −1. */
  #mustWaitFor(t: number): number {
    const lesson = this.#lessons.holding(t, this.#position);
    if (lesson >= 0) return this.#lessons.waitsFor(lesson);
    const first = this.#first?.before(t);
    return first ? (this.#first as FirstChains).writerOf(first.chain) : -1;
  }

  #queue(t: number): void {
    if (this.#state[t] !== AWAY || !this.#isReady(t)) return;
    this.#state[t] = QUEUED;
    this.#ready.push(t);
  }

  #wait(lists: Int32Array, list: number, t: number): void {
    this.#state[t] = WAITING;
    this.#nextWaiting[t] = lists[list] as number;
    lists[list] = t;
  }

  #wake(lists: Int32Array, list: number): void {
    for (let t = lists[list] as number; t !== -1; t = this.#nextWaiting[t] as number) {
      this.#state[t] = QUEUED;
      this.#ready.push(t);
    }
    lists[list] = -1;
  }

  #place(t: number): void {
    this.#position[t] = this.#placed;
    this.#trail[this.#placed++] = t;
    this.#registers.place(t);
    this.#wake(this.#waitingForTxn, t);
    const after = this.#after[t] as number;
    if (after >= 0) this.#queue(after);
    this.#gate.advance((each) => this.#queue(each));
  }

  /** Takes back everything from a position on. */
  #takeBack(position: number): void {
    while (this.#placed > position) {
      const t = this.#trail[--this.#placed] as number;
      this.#position[t] = -1;
      this.#lessons.takeBack(this.#placed);
      this.#registers.takeBack(t);
      this.#first?.takeBack(t);
      this.#gate.retreat(t);
      this.#early = Math.min(this.#early, this.#dueRank[t] as number);
      this.#limits.step(4);
      this.#state[t] = QUEUED;
      this.#ready.push(t);
    }
    this.#gate.settle();
  }

  /** Of those that have not gone the one that is due first. */
  #earliest(): number {
    while ((this.#position[this.#byDue[this.#early] as number] as number) >= 0) this.#early++;
    return this.#byDue[this.#early] as number;
  }

  /** Nobody may go: takes back what is to blame, and remembers why. Returns the reason when nothing is to blame. */
  #learnFrom(stuck: number): 'learned' | 'beyond reach' | readonly number[] {
    this.#conflicts++;
    const found = this.#circleFrom(stuck);
    let { circle } = found;
    let reasons = joined(found.reasons);
    for (;;) {
      if (reasons.length === 0) return this.#fixed > 0 ? 'beyond reach' : this.#lessons.everyoneOn(circle);
      const level = Math.max(...reasons.map((reason) => reason.level));
      if (level < levelOf(this.#fixed) - 1) return 'beyond reach';
      const position = (level - 1) >> 1;
      const latest = reasons.filter((reason) => reason.level === level).map(({ blamed }) => blamed);
      if (level === levelOf(position)) {
        const earlier = reasons.filter((reason) => reason.level !== level);
        const who = this.#trail[position] as number;
        this.#takeBack(position);
        this.#lessons.learn(who, latest, earlier, position, circle);
        return 'learned';
      }
      const lesson = Math.max(...latest);
      this.#takeBack(this.#lessons.positionOf(lesson));
      const rest = reasons.filter((reason) => reason.level !== level || reason.blamed !== lesson);
      const left = this.#lessons.chooseAgain(lesson, rest, circle);
      if (left === undefined) return 'learned';
      reasons = left;
      circle = { ...circle, lessons: [...circle.lessons, lesson] };
    }
  }

  /** Follows who waits for whom until somebody comes up again. */
  #circleFrom(stuck: number): { readonly circle: Circle; readonly reasons: readonly Reason[] } {
    const path: number[] = [];
    const waits: Wait[] = [];
    const at = new Map<number, number>();
    let t = stuck;
    while (!at.has(t)) {
      at.set(t, path.length);
      path.push(t);
      const wait = this.#waitOf(t);
      waits.push(wait);
      t = wait.for;
    }
    const from = at.get(t) as number;
    const on = waits.slice(from);
    return {
      circle: {
        members: [...path.slice(from), ...on.flatMap(({ witnesses }) => witnesses ?? [])],
        lessons: on.flatMap(({ lesson }) => lesson ?? []),
      },
      reasons: on.flatMap(({ reasons }) => reasons),
    };
  }

  /** Whom a transaction waits for that cannot go, and which placements make it so. */
  #waitOf(t: number): Wait {
    const none: readonly Reason[] = [];
    if (!this.#gate.isInside(t)) return { for: this.#gate.holdsBack, reasons: none };
    if (!this.#registers.isComplete(t))
      return { for: this.#registers.missing(t, this.#position), reasons: none };
    const previous = this.#previous[t] as number;
    if (previous >= 0 && (this.#position[previous] as number) < 0) return { for: previous, reasons: none };
    const first = this.#first?.before(t);
    if (this.#first && first) {
      const witnesses = this.#first.witnesses(first.chain, first.mine);
      return { for: this.#first.writerOf(first.chain), reasons: none, witnesses };
    }
    const lesson = this.#lessons.holding(t, this.#position);
    if (lesson >= 0)
      return { for: this.#lessons.waitsFor(lesson), reasons: this.#lessons.reasonsFor(lesson), lesson };
    const key = this.#registers.heldKey(t);
    if (key < 0) throw new Error(`transaction ${t} may go and was not let go: this is a bug`);
    const holds = this.#registers.holds(key);
    return {
      for: this.#registers.readerOf(key, t, this.#position),
      reasons:
        holds === INITIAL
          ? none
          : [
              {
                level: levelOf(this.#position[this.#writers.of[holds] as number] as number),
                blamed: t,
              },
            ],
      ...(holds !== INITIAL && { witnesses: [this.#writers.of[holds] as number] }),
    };
  }
}

interface Wait {
  readonly for: number;
  readonly reasons: readonly Reason[];
  readonly lesson?: number;
  /** Others who show that it has to wait. */
  readonly witnesses?: readonly number[];
}

function linkSessions(
  txns: Transactions,
  happened: Uint8Array,
  after: Int32Array,
  previous: Int32Array,
): void {
  const last = new Int32Array(txns.processes.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    if (!happened[t]) continue;
    const before = last[txns.process[t] as number] as number;
    last[txns.process[t] as number] = t;
    previous[t] = before;
    if (before >= 0) after[before] = t;
  }
}

/**
 * By when each should have gone: its own return, and that of everyone who reads from it. Without times, its place in its
 * session, as if all sessions had been equally long. Exact where chains of readers are short; it is a guess.
 */
function dueTimes(txns: Transactions, reads: RegisterReads, limits: Limits): Int32Array {
  const due = txns.timed ? returns(txns, limits) : placesInSessions(txns, limits);
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

function placesInSessions(txns: Transactions, limits: Limits): Int32Array {
  const size = limits.int32(txns.processes.length);
  for (let t = 0; t < txns.length; t++) size[txns.process[t] as number]!++;
  const seen = limits.int32(txns.processes.length);
  const due = limits.int32(txns.length);
  for (let t = 0; t < txns.length; t++) {
    const session = txns.process[t] as number;
    due[t] = Math.floor((txns.length * seen[session]!++) / (size[session] as number));
  }
  return due;
}
