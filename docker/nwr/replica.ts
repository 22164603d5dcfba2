import type { Disk, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { NOTHING, type Clock, type Content, type Copy, type Versions } from './copy.ts';
import { stamp } from './vector-clocks.ts';

/** A copy that is here in the stead of a replica that could not be reached, and that it is owed. */
export interface Hint {
  readonly key: Key;
  readonly owner: string;
}

/** One node's copies, and what it owes others. */
export class Replica {
  readonly #id: string;
  readonly #disk: Disk;
  readonly #versions: Versions;
  readonly #bug: Bug | undefined;
  #hints: readonly Hint[] = [];

  constructor(id: string, disk: Disk, versions: Versions, bug: Bug | undefined) {
    this.#id = id;
    this.#disk = disk;
    this.#versions = versions;
    this.#bug = bug;
    // What it owed in its last life it owes in this one.
    if (bug !== 'hints-in-memory') this.#hints = disk.get<readonly Hint[]>('hints') ?? [];
  }

  /** What was shown to anybody must survive a crash. */
  async get(key: Key): Promise<Copy> {
    const held = this.#held(key);
    await this.#disk.sync();
    return held;
  }

  async put(key: Key, copy: Copy, instead?: string): Promise<void> {
    const held = this.#held(key);
    if (this.#bug === 'last-arrival') this.#keep(key, copy);
    else if (!this.#versions.covers(held, copy)) this.#keep(key, this.#versions.merge(held, copy));
    if (instead !== undefined) this.#owe({ key, owner: instead });
    if (this.#bug !== 'ack-before-sync') await this.#disk.sync();
  }

  /** With vector clocks: a new version, beside whatever its writer had not seen. */
  async stamp(key: Key, content: Content, seen: Clock, instead?: string): Promise<Copy> {
    this.#keep(key, stamp(this.#held(key), seen, content, this.#id, this.#bug));
    if (instead !== undefined) this.#owe({ key, owner: instead });
    return this.get(key);
  }

  get hints(): readonly Hint[] {
    return this.#hints;
  }

  /** The owner has this, and if that is still all there is, nothing more is owed. The copy stays: its clock must not begin again. */
  settled(hint: Hint, handed: Copy): void {
    if (!this.#versions.covers(handed, this.#held(hint.key))) return;
    this.#setHints(this.#hints.filter((one) => one.key !== hint.key || one.owner !== hint.owner));
  }

  #owe(hint: Hint): void {
    if (this.#hints.some(({ key, owner }) => key === hint.key && owner === hint.owner)) return;
    this.#setHints([...this.#hints, hint]);
  }

  #setHints(hints: readonly Hint[]): void {
    this.#hints = hints;
    if (this.#bug !== 'hints-in-memory') this.#disk.set('hints', hints);
  }

  #keep(key: Key, copy: Copy): void {
    this.#disk.set(`copy ${key}`, copy);
  }

  #held(key: Key): Copy {
    return this.#disk.get<Copy>(`copy ${key}`) ?? NOTHING;
  }
}
