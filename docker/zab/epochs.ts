import type { Disk } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';

interface Kept {
  readonly accepted: number;
  readonly current: number;
}

/**
 * Two numbers that outlive a crash, once the disk is synced. `accepted`: of no earlier epoch is anything accepted any more.
 * `current`: the last epoch whose beginning this node has on its disk, and so how much its history is worth.
 */
export class Epochs {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;
  #kept: Kept;

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
    const stored = bug === 'forgets-epochs' ? undefined : disk.get<Kept>('epochs');
    this.#kept = stored ?? { accepted: 0, current: 0 };
  }

  get accepted(): number {
    return this.#kept.accepted;
  }

  get current(): number {
    return this.#kept.current;
  }

  accept(epoch: number): void {
    this.#keep({ ...this.#kept, accepted: epoch });
  }

  begin(epoch: number): void {
    this.#keep({ ...this.#kept, current: epoch });
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    if (this.#bug !== 'forgets-epochs') this.#disk.set('epochs', kept);
  }
}
