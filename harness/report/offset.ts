/**
 * What a foreign clock has to be added for it to say what ours does, from what it said while we watched.
 *
 * ```
 * ours    before ├───────────┤ after        it was asked, and had answered
 * theirs              at                    before − at ≤ offset ≤ after − at
 * ```
 *
 * Each answer bounds the offset, and all of them together bound it narrowly, for as long as neither clock is set. An answer
 * that contradicts those before it tells that one was: then they count no longer. Processes of one machine share a clock,
 * and that is taken for the truth wherever nothing contradicts it: no estimate is as good.
 */
export class Offset {
  readonly #shared: number;
  #low = -Infinity;
  #high = Infinity;
  #learnt: { readonly at: number; readonly offset: number } | undefined;

  /** `shared`: the offset that it would have if it were the clock of this machine. */
  constructor(shared: number) {
    this.#shared = shared;
  }

  /** Answers what turns moments of theirs, from the last answer to this, into moments of ours. */
  learn(before: number, at: number, after: number): (at: number) => number {
    const [low, high] = [Math.max(this.#low, before - at), Math.min(this.#high, after - at)];
    [this.#low, this.#high] = low <= high ? [low, high] : [before - at, after - at];
    const offset = this.#guess();
    const last = this.#learnt ?? { at, offset };
    this.#learnt = { at, offset };
    const share = (moment: number) =>
      at > last.at ? Math.min(1, Math.max(0, (moment - last.at) / (at - last.at))) : 1;
    return (moment) => moment + last.offset + (offset - last.offset) * share(moment);
  }

  #guess(): number {
    const isShared = this.#low <= this.#shared && this.#shared <= this.#high;
    return isShared ? this.#shared : (this.#low + this.#high) / 2;
  }
}
