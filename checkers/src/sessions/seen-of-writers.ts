import type { Limits } from '../transactions/limits.ts';

/** What one client has read of each other: the latest on each key, and the latest on any key but one. */
export class SeenOfWriters {
  /** For each pair of a writer and a key the latest that was read, and by whom. */
  readonly #onPair: Int32Array;
  readonly #by: Int32Array;
  /** For each writer the latest that was read, on which key, and the latest on all other keys. */
  readonly #latest: Int32Array;
  readonly #key: Int32Array;
  readonly #second: Int32Array;
  #client = -1;

  constructor(clients: number, pairs: number, limits: Limits) {
    this.#onPair = limits.int32(pairs);
    this.#by = limits.int32(pairs).fill(-1);
    this.#latest = limits.int32(clients).fill(-1);
    this.#key = limits.int32(clients).fill(-1);
    this.#second = limits.int32(clients).fill(-1);
  }

  /** From now on it is this client that reads. */
  begin(client: number): void {
    this.#client = client;
    this.#latest.fill(-1);
    this.#second.fill(-1);
  }

  note(writer: number, key: number, pair: number, t: number): void {
    if (t > this.on(pair)) {
      this.#onPair[pair] = t;
      this.#by[pair] = this.#client;
    }
    if (this.#key[writer] === key) {
      if (t > (this.#latest[writer] as number)) this.#latest[writer] = t;
    } else if (t > (this.#latest[writer] as number)) {
      this.#second[writer] = this.#latest[writer] as number;
      this.#latest[writer] = t;
      this.#key[writer] = key;
    } else if (t > (this.#second[writer] as number)) this.#second[writer] = t;
  }

  /** The latest transaction of a writer that was read on a key, or −1. */
  on(pair: number): number {
    return this.#by[pair] === this.#client ? (this.#onPair[pair] as number) : -1;
  }

  /** The latest that was read on any other key, or −1. */
  elsewhere(writer: number, key: number): number {
    return (this.#key[writer] === key ? this.#second[writer] : this.#latest[writer]) as number;
  }
}
