import { EnvironmentError } from '../../errors.ts';
import { CLIENTS, type Link } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import { AgentNetwork } from '../agent-network.ts';
import type { Patience } from '../agent-probes.ts';
import type { RunNetwork } from './run-network.ts';
import type { Places } from './places.ts';

/**
 * Cuts where the engine's kernel has no packet filter on bridges: in each node's own neighbour table, as on the local
 * runtime. Less good than a filter in one way: the table is the namespace's, so that a node which starts again under a cut has
 * some 10 ms before it is cut off again.
 */
export class NeighbourNetwork implements RunNetwork {
  readonly #agent: Agent;
  readonly #places: Places;
  /** Of nodes that are dead too: some engines give a node another in its next life. */
  readonly #macs = new Map<string, string>();
  #cuts: readonly Link[] = [];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(agent: Agent, places: Places) {
    this.#agent = agent;
    this.#places = places;
  }

  static async open(agent: Agent, places: Places): Promise<NeighbourNetwork> {
    const network = new NeighbourNetwork(agent, places);
    await network.settle();
    return network;
  }

  async setCuts(cuts: readonly Link[]): Promise<void> {
    if (cuts.some(({ from, to }) => from === CLIENTS || to === CLIENTS))
      throw new EnvironmentError(
        'clients cannot be cut off here: the engine’s kernel has no packet filter on bridges',
      );
    this.#cuts = cuts;
    await this.settle();
  }

  probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]> {
    return this.#places.probe(links, patience);
  }

  /** Write the tables of all nodes that live: what is cut may have changed, and so may their addresses. */
  settle(): Promise<void> {
    // One after the other, so that what is written last is what is wanted now.
    const next = this.#last.then(() => this.#write());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #write(): Promise<void> {
    const alive = await this.#places.enter(this.#places.names);
    for (const [name, mac] of alive) this.#macs.set(name, mac);
    const endpoints = [...this.#macs].map(([name, mac]) => ({ name, mac, host: this.#places.host(name) }));
    const known = this.#cuts.filter(({ from, to }) => this.#macs.has(from) && this.#macs.has(to));
    const tables = new AgentNetwork(this.#agent, endpoints, known);
    // A dead node's table is gone with its namespace, and is written when it starts again.
    await Promise.all([...alive.keys()].map((name) => this.#places.inside(name, () => tables.settle(name))));
  }
}
