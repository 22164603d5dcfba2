import type { Key } from '../kit/kit.ts';
import type { Decision } from '../two-phase-commit/messages.ts';
import type { Bug } from './bugs.ts';
import type { Asked } from './messages.ts';
import type { Everybody } from './everybody.ts';

/** Carries transactions through the three phases, as long as this node lives. */
export class Coordinator {
  readonly #everybody: Everybody;
  readonly #bug: Bug | undefined;
  readonly #underWay = new Set<Key>();

  constructor(everybody: Everybody, bug: Bug | undefined) {
    this.#everybody = everybody;
    this.#bug = bug;
  }

  isAt(id: Key): boolean {
    return this.#underWay.has(id);
  }

  /**
   * Who does not answer in time is taken for dead, and whoever is dead is not waited for: it asks when it is back. That is
   * what makes three-phase commit non-blocking, and what makes it wrong where a silent node is not dead.
   */
  async run(asked: Asked): Promise<Decision> {
    const { id } = asked;
    const { vote, decideHere, precommit, decide } = this.#everybody;
    this.#underWay.add(id);
    const votes = await vote(asked);
    const unanimous = votes.every((it) => it === 'yes');
    if (unanimous && this.#bug === 'commits-with-the-votes') await decideHere(id, 'commit');
    if (unanimous) await precommit(id);
    const decision = unanimous ? 'commit' : 'abort';
    await decide(id, decision);
    this.#underWay.delete(id);
    return decision;
  }
}
