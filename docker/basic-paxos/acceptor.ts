import type { Disk, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { above, NO_BALLOT, type Accepted, type Ballot, type Promise1, type Proposal } from './messages.ts';

interface Kept {
  readonly promised: Ballot;
  readonly accepted: Proposal | null;
}

/** The memory of the system. What it has promised and accepted is on its disk before anybody hears of it. */
export class Acceptor {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
  }

  /** P1a: a proposal may be accepted only if nothing above it was promised. */
  async prepare(key: Key, ballot: Ballot): Promise<Promise1> {
    const { promised, accepted } = this.#kept(key);
    if (above(promised, ballot)) return { ok: false, promised, accepted };
    await this.#keep(key, { promised: ballot, accepted });
    return { ok: true, promised: ballot, accepted };
  }

  async accept(key: Key, ballot: Ballot, value: number): Promise<Accepted> {
    const { promised } = this.#kept(key);
    if (above(promised, ballot) && this.#bug !== 'breaks-promise') return { ok: false, promised };
    await this.#keep(key, { promised: ballot, accepted: { ballot, value } });
    return { ok: true, promised: ballot };
  }

  #kept(key: Key): Kept {
    return this.#disk.get<Kept>(`acceptor ${key}`) ?? { promised: NO_BALLOT, accepted: null };
  }

  async #keep(key: Key, kept: Kept): Promise<void> {
    this.#disk.set(`acceptor ${key}`, kept);
    if (this.#bug !== 'answer-before-sync') await this.#disk.sync();
  }
}
