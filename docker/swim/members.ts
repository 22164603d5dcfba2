import type { Timer } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { overrides, type Rumour } from './messages.ts';

/** A suspect has so long to say that it is alive. */
export const SUSPECT_MS = 1_000;

interface Known {
  rumour: Rumour;
  /** Until it counts as dead. */
  suspicion?: Timer | undefined;
}

/** Whom a node knows, and what it believes of them. */
export class Members {
  readonly #known = new Map<string, Known>();
  readonly #after: (ms: number, then: () => void) => Timer;
  /** Told of whatever changes here. */
  readonly #news: (rumour: Rumour) => void;
  readonly #bug: Bug | undefined;

  constructor(
    after: (ms: number, then: () => void) => Timer,
    news: (rumour: Rumour) => void,
    bug: Bug | undefined,
  ) {
    this.#after = after;
    this.#news = news;
    this.#bug = bug;
  }

  of(member: string): Rumour | undefined {
    return this.#known.get(member)?.rumour;
  }

  all(): Rumour[] {
    return [...this.#known.values()].map(({ rumour }) => rumour);
  }

  /** Those that are alive, or suspects. */
  there(): string[] {
    return this.all().flatMap(({ member, state }) => (state === 'dead' ? [] : [member]));
  }

  hear(rumour: Rumour): void {
    const known = this.#known.get(rumour.member);
    const again =
      this.#bug === 'resets-suspicion' &&
      rumour.state === 'suspect' &&
      known?.rumour.state === 'suspect' &&
      rumour.incarnation === known.rumour.incarnation;
    if (this.#bug === 'dead-for-ever' && known?.rumour.state === 'dead') return;
    if (known && !again && !overrides(rumour, known.rumour)) return;
    known?.suspicion?.cancel();
    const now: Known = { rumour };
    if (rumour.state === 'suspect')
      now.suspicion = this.#after(SUSPECT_MS, () => this.hear({ ...rumour, state: 'dead' }));
    this.#known.set(rumour.member, now);
    this.#news(rumour);
  }

  suspect(member: string): void {
    const known = this.#known.get(member)?.rumour;
    if (known && known.state !== 'dead') this.hear({ ...known, state: 'suspect' });
  }

  /** Forget everybody, as a new life does. */
  clear(): void {
    for (const { suspicion } of this.#known.values()) suspicion?.cancel();
    this.#known.clear();
  }
}
