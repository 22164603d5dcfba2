import type { Disk } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';

interface Vote {
  readonly term: number;
  readonly for: string | null;
}

/** The current term, and who got this node's vote in it. Durable, once the disk is synced. */
export class Term {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;
  #vote: Vote;

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
    const stored = bug === 'vote-not-persisted' ? undefined : disk.get<Vote>('vote');
    this.#vote = stored ?? { term: 0, for: null };
  }

  get now(): number {
    return this.#vote.term;
  }

  get votedFor(): string | null {
    return this.#vote.for;
  }

  enter(term: number, votedFor: string | null): void {
    this.#vote = { term, for: this.#bug === 'vote-not-persisted' ? null : votedFor };
    this.#disk.set('vote', this.#vote);
  }
}
