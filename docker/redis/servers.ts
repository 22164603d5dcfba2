import { NotApplied } from '../../harness/index.ts';
import { connectTo, type RedisConnection } from './connection.ts';

/**
 * One process's connections, by address, each made when it is first needed and again when it has ended. Nothing that fails
 * before there is one has asked anybody for anything.
 */
export class Servers {
  readonly #open = new Map<string, RedisConnection>();

  async at(address: string, signal: AbortSignal): Promise<RedisConnection> {
    const known = this.#open.get(address);
    if (known && !known.closed) return known;
    const made = await connectTo(address, signal).catch((cause: unknown) => {
      throw new NotApplied((cause as Error).message, { cause });
    });
    this.#open.set(address, made);
    return made;
  }

  close(): void {
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }
}
