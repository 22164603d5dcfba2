import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { EnvironmentError } from '../../errors.ts';
import { connectTo, type Connection, type Ran } from './connection.ts';
import type { Host } from './host.ts';

/** How long a machine that was reached once is sought, when the connection to it is lost. */
export const LEASE_MS = 20_000;
const AGAIN_MS = 250;

/**
 * A machine that is reached over ssh. There is one connection for everything; where it is lost, the next call makes another,
 * patiently, if there was one before.
 */
export class Machine implements AsyncDisposable {
  readonly host: Host;
  readonly #jump: Machine | undefined;
  #connection: Promise<Connection> | undefined;
  #reached = false;
  #left = false;

  constructor(host: Host) {
    this.host = host;
    this.#jump = host.jump === undefined ? undefined : new Machine(host.jump);
  }

  /** What it is reached through, if anything. */
  get jump(): Machine | undefined {
    return this.#jump;
  }

  async run(words: readonly string[], input?: string | Buffer, signal?: AbortSignal): Promise<Ran> {
    return await (await this.connection()).run(words, input, signal);
  }

  /** As {@link run}, and what it printed; it must end well. */
  async read(words: readonly string[], input?: string | Buffer): Promise<string> {
    const { code, stdout, stderr } = await this.run(words, input);
    if (code !== 0)
      throw new EnvironmentError(
        `${this.host.name}: ${words[0]} failed: ${stderr.trim() || `exit code ${code}`}`,
      );
    return stdout;
  }

  async open(words: readonly string[]): Promise<ClientChannel> {
    return await (await this.connection()).open(words);
  }

  async put(path: string, content: Buffer): Promise<void> {
    await (await this.connection()).put(path, content);
  }

  async forward(host: string, port: number): Promise<Duplex> {
    return await (await this.connection()).forward(host, port);
  }

  /** The one that there is, or another. */
  async connection(): Promise<Connection> {
    const held = this.#connection;
    const now = await held?.catch(() => undefined);
    if (now !== undefined && !now.lost) return now;
    // Whoever comes first makes another, and the others have it too.
    if (this.#connection === held) this.#connection = this.#again();
    return await (this.#connection as Promise<Connection>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#left = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
    await this.#jump?.[Symbol.asyncDispose]();
  }

  async #again(): Promise<Connection> {
    const end = performance.now() + LEASE_MS;
    for (;;) {
      if (this.#left) throw new EnvironmentError(`the connection to ${this.host.name} is closed`);
      try {
        const through = await this.#jump?.forward(this.host.host, this.host.port);
        const made = await connectTo(this.host, through);
        this.#reached = true;
        return made;
      } catch (cause) {
        if (!this.#reached || performance.now() > end) throw cause;
        await sleep(AGAIN_MS);
      }
    }
  }
}
