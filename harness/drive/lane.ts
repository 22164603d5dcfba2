import type { Operations } from 'knossos-js';
import type { Client, ClientBinding } from '../client.ts';
import type { Node } from '../runtime.ts';
import type { Settings } from '../system.ts';
import type { Time } from '../time.ts';
import { within } from './within.ts';

export interface Opening {
  readonly binding: ClientBinding;
  readonly nodes: readonly Node[];
  readonly settings: Settings;
  readonly time: Time;
  readonly limitMs: number;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/**
 * A place for a process, and for those that follow it: it stays with one node, and opens a client to it again and again. Only while
 * that node is out of the cluster it has another.
 */
export class Lane {
  readonly home: Node;
  /** Where its client is, or will be when it is next opened. */
  node: Node;
  /** Where its next client is to be. */
  wanted: Node;
  /** Which process is here now. One whose operation ended in `info` never asks again; its successor has another number. */
  process: number;
  client: Client<Operations> | undefined;
  /** How many operations in a row did not end well. */
  failures = 0;
  /** Whether the source has said that there is nothing more for whoever is here, in this phase. */
  done = false;
  readonly #opening: Opening;

  constructor(process: number, node: Node, opening: Opening) {
    this.process = process;
    this.home = node;
    this.node = node;
    this.wanted = node;
    this.#opening = opening;
  }

  /** How long it waits after its last failure: a node that refuses at once must not attract every operation. */
  get pauseMs(): number {
    return this.failures === 0 ? 0 : Math.min(10 * 2 ** (this.failures - 1), 320);
  }

  /** Opens a client, however often it takes, and then calls `opened`. Nobody else waits for it. */
  open(opened: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { binding, nodes, settings, time, limitMs } = this.#opening;
    const { wanted: node, process } = this;
    this.node = node;
    within(time, limitMs, signal, async (limit) => {
      const client = await binding.open({ node, nodes, process, settings, time });
      if (limit.aborted) this.#dispose(client);
      return client;
    }).then(
      (client) => {
        this.client = client;
        opened();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.failures++;
        if (this.failures === 1)
          this.#opening.log({ node: node.name, process, message: 'no client', error: String(error) });
        time.after(this.pauseMs, () => this.open(opened, signal));
      },
    );
  }

  /** Lets go of a client that has gone wrong, without waiting for it. */
  drop(): void {
    const { client } = this;
    this.client = undefined;
    if (client) this.#dispose(client);
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.[Symbol.asyncDispose]?.();
  }

  #dispose(client: Client<Operations>): void {
    const { log } = this.#opening;
    const complain = (error: unknown): void =>
      log({ node: this.node.name, message: 'a client did not close', error: String(error) });
    try {
      client[Symbol.asyncDispose]?.().then(undefined, complain);
    } catch (error) {
      complain(error);
    }
  }
}
