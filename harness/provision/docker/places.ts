import type { Link } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import type { ContainerNode } from './node.ts';

/** A node, and its address on the wire. */
export interface Place {
  readonly node: ContainerNode;
  readonly host: string;
}

/**
 * The nodes' network namespaces, as the agent knows them. Every life of a node has one of its own, which goes with it;
 * so each is looked up, and entered anew where it has changed.
 */
export class Places {
  readonly #agent: Agent;
  readonly #places: ReadonlyMap<string, Place>;
  /** The process whose namespace the agent holds, by node. */
  readonly #entered = new Map<string, number>();

  constructor(agent: Agent, places: readonly Place[]) {
    this.#agent = agent;
    this.#places = new Map(places.map((place) => [place.node.name, place]));
  }

  get names(): readonly string[] {
    return [...this.#places.keys()];
  }

  host(name: string): string {
    return this.#place(name).host;
  }

  /** Enter these nodes' namespaces, and return the nodes that have one, with their hardware addresses. */
  async enter(names: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const alive = new Map<string, string>();
    await Promise.all(
      [...new Set(names)].map(async (name) => {
        const mac = await this.#enter(name);
        if (mac !== undefined) alive.set(name, mac);
      }),
    );
    return alive;
  }

  /** A dead node neither sends nor receives; a paused one's kernel still does both. */
  async probe(links: readonly Link[]): Promise<readonly boolean[]> {
    const alive = await this.enter(links.flatMap((link) => [link.from, link.to]));
    const asked = links.filter((link) => alive.has(link.from) && alive.has(link.to));
    if (asked.length === 0) return links.map(() => false);
    const words = asked.flatMap((link) => [link.from, link.to, this.host(link.to)]);
    const arrived = await this.#agent.ask('probe', ...words);
    return links.map((link) => arrived[asked.indexOf(link)] === '1');
  }

  async #enter(name: string): Promise<string | undefined> {
    const { State, NetworkSettings } = await this.#place(name).node.inspect();
    if (!State.Running) {
      if (this.#entered.delete(name)) await this.#agent.ask('leave', name);
      return undefined;
    }
    if (this.#entered.get(name) !== State.Pid) {
      await this.#agent.ask('enter', name, `/proc/${State.Pid}/ns/net`);
      this.#entered.set(name, State.Pid);
    }
    return Object.values(NetworkSettings.Networks)[0]?.MacAddress ?? '';
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`no node ${name} on this network`);
    return place;
  }
}
