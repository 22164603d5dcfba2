import type { Disk, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { Shown } from './messages.ts';

/** What the locks protect. With fencing it turns away every ticket that is older than one it has seen (Kleppmann 2016). */
export class Guard {
  readonly #disk: Disk;
  readonly #fences: boolean;
  readonly #bug: Bug | undefined;
  readonly #largest = new Map<Key, number>();

  constructor(disk: Disk, fences: boolean, bug: Bug | undefined) {
    this.#disk = disk;
    this.#fences = fences;
    this.#bug = bug;
  }

  async enter({ key, ticket }: Shown): Promise<boolean> {
    const overtaken = ticket < this.#seen(key);
    if (!overtaken) this.#see(key, ticket);
    await this.#disk.sync();
    return !overtaken || !this.#fences;
  }

  #seen(key: Key): number {
    const seen =
      this.#bug === 'guard-forgets' ? this.#largest.get(key) : this.#disk.get<number>(`seen ${key}`);
    return seen ?? -1;
  }

  #see(key: Key, ticket: number): void {
    this.#largest.set(key, ticket);
    this.#disk.set(`seen ${key}`, ticket);
  }
}
