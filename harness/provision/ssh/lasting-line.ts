import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { Agent } from '../agent.ts';
import { LEASE_MS } from './machine.ts';

const AGAIN_MS = 100;
const FAREWELL_MS = 2_000;

/**
 * An agent at the other end of a line that may break. What was asked and not yet answered is asked again over the next
 * connection; the keeper knows what it has done already, by the number of the request, and does nothing twice.
 *
 *     Agent ── input ──► unanswered ──► channel 1 ✗
 *                             └───────► channel 2 ──► relay.pl ──► keeper
 *           ◄─ output ◄───────────────────┘
 */
export class LastingLine implements AsyncDisposable {
  readonly agent: Agent;
  readonly #open: () => Promise<ClientChannel>;
  readonly #unanswered = new Map<string, string>();
  readonly #output = new PassThrough();
  #channel: ClientChannel | undefined;
  /** When the other end was last heard of. */
  #heard = performance.now();
  #ended = false;

  private constructor(who: string, open: () => Promise<ClientChannel>) {
    this.#open = open;
    const input = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        // The agent writes a whole line at a time.
        this.#unanswered.set(chunk.slice(0, chunk.indexOf(' ')), chunk);
        this.#channel?.write(chunk);
        done();
      },
    });
    this.agent = new Agent(input, this.#output, who, LEASE_MS + 5_000);
  }

  /** @param open one connection to the keeper's channel. */
  static async to(who: string, open: () => Promise<ClientChannel>): Promise<LastingLine> {
    const line = new LastingLine(who, open);
    await line.#connect();
    return line;
  }

  /** Wait until the other end, which has been told to, hangs up. */
  async hungUp(): Promise<void> {
    this.#ended = true;
    const channel = this.#channel;
    if (channel === undefined || channel.destroyed) return;
    await Promise.race([once(channel, 'close'), sleep(FAREWELL_MS, undefined, { ref: false })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    const channel = this.#channel;
    this.#output.end();
    if (channel === undefined || channel.destroyed) return;
    const closed = once(channel, 'close');
    channel.end();
    await Promise.race([closed, sleep(FAREWELL_MS, undefined, { ref: false })]);
    channel.destroy();
  }

  async #connect(): Promise<void> {
    const channel = await this.#open();
    let said = '';
    channel.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1000)));
    let unread = '';
    channel.setEncoding('utf8').on('data', (chunk: string) => {
      this.#heard = performance.now();
      const lines = (unread + chunk).split('\n');
      // What stands after the last line break is half an answer, also if nothing comes any more.
      unread = lines.pop() ?? '';
      for (const line of lines) {
        this.#unanswered.delete(line.slice(0, line.indexOf(' ')));
        this.#output.write(`${line}\n`);
      }
    });
    channel.on('error', () => {});
    channel.once('close', () => {
      this.#channel = undefined;
      if (!this.#ended) void this.#again(said);
    });
    this.#channel = channel;
    for (const line of this.#unanswered.values()) channel.write(line);
  }

  async #again(said: string): Promise<void> {
    let why = said.trim();
    while (!this.#ended && performance.now() < this.#heard + LEASE_MS) {
      await sleep(AGAIN_MS);
      try {
        return await this.#connect();
      } catch (cause) {
        why = (cause as Error).message;
      }
    }
    this.agent.lose(why || 'its line ended');
  }
}
