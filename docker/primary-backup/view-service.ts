import type { Clock, Disk } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { ahead, type Ping, type Position, type View } from './messages.ts';

/** A node that is silent for so long counts as dead. Longer than any lease, so that whoever had one knows that it is over. */
export const DEAD_MS = 500;
/** A backup that the primary could not reach is not tried again before this. */
const PENALTY_MS = 200;

interface Heard {
  readonly at: number;
  readonly life: number;
  readonly position: Position;
}

/**
 * The one that says who is primary and who is backup (the view service of MIT’s 6.824, lab 2). What it has said is on its disk
 * before anybody hears it.
 *
 * ```
 *   view 3: primary n2, backups n3 n4        acknowledged: all three hold the same
 *      n2 dies                               n3 or n4 may follow it, whoever is alive
 *   view 4: primary n3, backup n4            not acknowledged yet: n4 may not hold what n3 holds,
 *      n3 dies                               so that nobody may follow n3 but n3
 * ```
 */
export class ViewService {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #members: readonly string[];
  readonly #bug: Bug | undefined;
  readonly #began: number;
  readonly #heard = new Map<string, Heard>();
  readonly #avoid = new Map<string, number>();
  #view: View | undefined;
  #acknowledged: boolean;

  constructor(disk: Disk, clock: Clock, members: readonly string[], bug: Bug | undefined) {
    this.#disk = disk;
    this.#clock = clock;
    this.#members = members;
    this.#bug = bug;
    this.#began = clock.monotonic();
    const kept = disk.get<{ view: View; acknowledged: boolean }>('view');
    this.#view = kept?.view;
    this.#acknowledged = kept?.acknowledged ?? false;
  }

  get view(): View | undefined {
    return this.#view;
  }

  async ping(from: string, { life, acknowledges, position, silent }: Ping): Promise<View> {
    const now = this.#clock.monotonic();
    this.#heard.set(from, { at: now, life, position });
    const view = this.#view;
    if (view && from === view.primary && life === view.life) {
      for (const backup of silent) this.#avoid.set(backup, now + PENALTY_MS);
      if (acknowledges === view.number && !this.#acknowledged) this.#keep(view, true);
    }
    const next = view === undefined ? this.#first(from) : this.#following(view);
    if (next) this.#keep(next, false);
    const told = next ?? (view as View);
    await this.#disk.sync();
    return told;
  }

  #first(primary: string): View {
    return { number: 1, epoch: 1, primary, life: this.#heard.get(primary)?.life ?? 0, backups: [] };
  }

  /** The view that should follow, if any. */
  #following(view: View): View | undefined {
    const number = view.number + 1;
    const { life } = this.#heard.get(view.primary) ?? view;
    if (this.#alive(view.primary) && life === view.life) {
      const willing = (node: string): boolean =>
        this.#alive(node) && (this.#avoid.get(node) ?? 0) <= this.#clock.monotonic();
      // Whoever is dropped holds no more than the primary. Whoever is added may hold less: one step at a time.
      const kept = view.backups.filter(willing);
      const added = this.#acknowledged
        ? this.#members.filter(
            (node) => node !== view.primary && !view.backups.includes(node) && willing(node),
          )
        : [];
      if (kept.length === view.backups.length && added.length === 0) return undefined;
      return { ...view, number, backups: [...kept, ...added] };
    }
    const holdAll = this.#acknowledged ? [...view.backups, view.primary] : [view.primary];
    const [primary] = (this.#bug === 'promotes-anyone' ? this.#members : holdAll)
      .filter((node) => this.#alive(node))
      .toSorted((a, b) => (ahead(this.#positionOf(a), this.#positionOf(b)) ? -1 : 1));
    if (primary === undefined) return undefined;
    const backups = this.#members.filter((node) => node !== primary && this.#alive(node));
    return { number, epoch: number, primary, life: this.#heard.get(primary)?.life ?? 0, backups };
  }

  /** A view service that was down gives everybody time to be heard. */
  #alive(node: string): boolean {
    const heard = this.#heard.get(node);
    return this.#clock.monotonic() - (heard?.at ?? this.#began) < DEAD_MS;
  }

  /** All that was acknowledged is in every copy that may be promoted; of asynchronous copies the longest loses least. */
  #positionOf(node: string): Position {
    return this.#heard.get(node)?.position ?? { epoch: 0, length: 0 };
  }

  #keep(view: View, acknowledged: boolean): void {
    this.#view = view;
    this.#acknowledged = acknowledged;
    this.#disk.set('view', { view, acknowledged });
  }
}
