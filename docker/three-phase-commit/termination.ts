import type { Key } from '../kit/kit.ts';
import type { Decision } from '../two-phase-commit/messages.ts';
import type { Bug } from './bugs.ts';
import type { Everybody } from './everybody.ts';
import type { Ledger, Standing } from './ledger.ts';

/**
 * The termination protocol (Skeen 1981; Bernstein, Hadzilacos & Goodman 1987, chapter 7): when the coordinator is dead, one
 * of those that live collects how far everybody is, and ends the transaction:
 *
 * ```
 *   somebody has decided         that is the decision
 *   nobody is precommitted       abort: nobody can have committed
 *   somebody is precommitted     everybody had voted yes: preCommit to the others too, then commit
 * ```
 */
export class Termination {
  readonly #ledger: Ledger;
  readonly #everybody: Everybody;
  readonly #bug: Bug | undefined;
  readonly #underWay = new Set<Key>();

  constructor(ledger: Ledger, everybody: Everybody, bug: Bug | undefined) {
    this.#ledger = ledger;
    this.#everybody = everybody;
    this.#bug = bug;
  }

  /** Resolves when this attempt is over, whatever came of it. */
  async lead(id: Key): Promise<void> {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    const decision = await this.#decide(id);
    if (decision !== undefined) await this.#everybody.decide(id, decision);
    this.#underWay.delete(id);
  }

  async #decide(id: Key): Promise<Decision | undefined> {
    if (this.#bug === 'own-state-decides')
      return this.#ledger.state(id) === 'precommitted' ? 'commit' : 'abort';
    const { standings, all } = await this.#everybody.states(id);
    const decided = standings.find(({ state }) => state === 'commit' || state === 'abort');
    if (decided) return decided.state as Decision;
    const voices = this.#voices(id, standings, all);
    if (voices.length === 0) return undefined;
    if (!voices.some(({ state }) => state === 'precommitted')) return 'abort';
    await this.#everybody.precommit(id);
    return 'commit';
  }

  /**
   * Who has a say. Whoever was down since it voted has none: the others may have gone on without it. But where everybody
   * was down, nobody has: once all are back, all have.
   */
  #voices(id: Key, standings: readonly Standing[], all: boolean): readonly Standing[] {
    const operational = standings.filter(({ recovering }) => !recovering);
    if (operational.length === 0) return all ? standings : [];
    return this.#ledger.standing(id).recovering ? [] : operational;
  }
}
