/**
 * # What a search for an order has learned
 *
 * Transactions are placed one by one. When nobody can go, some wait for each other in a circle, and the circle blames
 * placements: had somebody else gone before, this one would not be in the way. The last placement to blame is taken
 * back, and the lesson is that it has to wait for whoever it was in the way of, as long as the earlier ones to
 * blame stand. With several it was in the way of, waiting for any will do: one is chosen, and that choice can be
 * blamed in turn.
 *
 * This is conflict-driven search as in SAT solvers (Marques-Silva & Sakallah 1999), over "goes before" in place of
 * variables.
 */
export interface Reason {
  /** See {@link levelOf} and {@link choiceLevel}. */
  readonly level: number;
  /** The move that the placement was in the way of; for a choice, the lesson. */
  readonly blamed: number;
}

/** Placements and choices in one order: a choice is made right before the placement at its position. */
export function levelOf(position: number): number {
  return 2 * position + 1;
}

function choiceLevel(position: number): number {
  return 2 * position;
}

/** Where a lesson comes from: transactions that wait for each other in a circle, because of one another or of other lessons. */
export interface Circle {
  readonly members: readonly number[];
  readonly lessons: readonly number[];
}

export class Lessons {
  readonly #first: Int32Array;
  readonly #next: number[] = [];
  readonly #who: number[] = [];
  readonly #waitsFor: number[] = [];
  readonly #otherwise: (readonly number[])[] = [];
  readonly #position: number[] = [];
  readonly #reasons: (readonly Reason[])[] = [];
  readonly #circle: Circle[] = [];
  readonly #forgotten: boolean[] = [];
  /** Lessons that fall with the placement at each position. */
  readonly #fallsWith = new Map<number, number[]>();
  readonly #fell: (waitsFor: number) => void;

  /** `fell` is told whom a forgotten lesson made others wait for. */
  constructor(first: Int32Array, fell: (waitsFor: number) => void) {
    this.#first = first.fill(-1);
    this.#fell = fell;
  }

  /** A lesson that keeps `t` waiting, or −1. */
  holding(t: number, position: Int32Array): number {
    for (let lesson = this.#first[t] as number; lesson !== -1; lesson = this.#next[lesson] as number)
      if ((position[this.#waitsFor[lesson] as number] as number) < 0) return lesson;
    return -1;
  }

  waitsFor(lesson: number): number {
    return this.#waitsFor[lesson] as number;
  }

  /** Why the lesson holds, itself included when it was a choice. */
  reasonsFor(lesson: number): readonly Reason[] {
    const reasons = this.#reasons[lesson] as readonly Reason[];
    if ((this.#otherwise[lesson] as readonly number[]).length === 0) return reasons;
    return [...reasons, { level: choiceLevel(this.#position[lesson] as number), blamed: lesson }];
  }

  /** `who`, about to be placed at `position`, waits for one of `anyOf` as long as the reasons stand. */
  learn(
    who: number,
    anyOf: readonly number[],
    reasons: readonly Reason[],
    position: number,
    circle: Circle,
  ): void {
    const lesson = this.#who.length;
    this.#who.push(who);
    this.#waitsFor.push(anyOf[0] as number);
    this.#otherwise.push(anyOf.slice(1));
    this.#position.push(position);
    this.#reasons.push(reasons);
    this.#circle.push(circle);
    this.#forgotten.push(false);
    this.#next.push(this.#first[who] as number);
    this.#first[who] = lesson;
    if (reasons.length === 0) return;
    const at = (Math.max(...reasons.map(({ level }) => level)) - 1) >> 1;
    const list = this.#fallsWith.get(at);
    if (list) list.push(lesson);
    else this.#fallsWith.set(at, [lesson]);
  }

  /** The placement at this position was taken back, and with it everything it was a reason for. */
  takeBack(position: number): void {
    const fallen = this.#fallsWith.get(position);
    if (!fallen) return;
    for (const lesson of fallen) this.#forget(lesson);
    this.#fallsWith.delete(position);
  }

  /**
   * The choice that a lesson made has failed, for these further reasons. Makes the next; when there is none, returns
   * the reasons why the whole lesson cannot be kept.
   */
  chooseAgain(lesson: number, further: readonly Reason[], circle: Circle): readonly Reason[] | undefined {
    const level = choiceLevel(this.#position[lesson] as number);
    for (let later = lesson + 1; later < this.#who.length; later++)
      if (
        !this.#forgotten[later] &&
        this.#reasons[later]?.some((reason) => reason.level === level && reason.blamed === lesson)
      )
        this.#forget(later);
    this.#forget(lesson);
    const reasons = joined([...further, ...(this.#reasons[lesson] as readonly Reason[])]);
    const left = this.#otherwise[lesson] as readonly number[];
    if (left.length === 0) return reasons;
    this.learn(this.#who[lesson] as number, left, reasons, this.#position[lesson] as number, {
      ...circle,
      lessons: [...circle.lessons, lesson],
    });
    return undefined;
  }

  positionOf(lesson: number): number {
    return this.#position[lesson] as number;
  }

  /** Everyone on a circle and on those that its lessons come from. */
  everyoneOn(circle: Circle): number[] {
    const members = new Set(circle.members);
    const seen = new Set(circle.lessons);
    for (const lesson of seen) {
      const from = this.#circle[lesson] as Circle;
      for (const t of from.members) members.add(t);
      for (const other of from.lessons) seen.add(other);
    }
    return [...members].toSorted((a, b) => a - b);
  }

  #forget(lesson: number): void {
    if (this.#forgotten[lesson]) return;
    this.#forgotten[lesson] = true;
    const who = this.#who[lesson] as number;
    if (this.#first[who] === lesson) this.#first[who] = this.#next[lesson] as number;
    else {
      let before = this.#first[who] as number;
      while (this.#next[before] !== lesson) before = this.#next[before] as number;
      this.#next[before] = this.#next[lesson] as number;
    }
    this.#fell(this.#waitsFor[lesson] as number);
  }
}

/** Each reason once. */
export function joined(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(
    ({ level, blamed }, i) =>
      reasons.findIndex((other) => other.level === level && other.blamed === blamed) === i,
  );
}
