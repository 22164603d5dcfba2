import type { Disk, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { newer, NOTHING, type Versioned } from './messages.ts';

/** One node's copies. */
export class Replica {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
  }

  /** What was shown to anybody must survive a crash. */
  async get(key: Key): Promise<Versioned> {
    const held = this.#held(key);
    await this.#disk.sync();
    return held;
  }

  async put(key: Key, held: Versioned): Promise<void> {
    if (this.#bug === 'last-arrival' || newer(held.version, this.#held(key).version))
      this.#disk.set(`copy ${key}`, held);
    if (this.#bug !== 'ack-before-sync') await this.#disk.sync();
  }

  #held(key: Key): Versioned {
    return this.#disk.get<Versioned>(`copy ${key}`) ?? NOTHING;
  }
}
