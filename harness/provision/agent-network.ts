import { CLIENTS, type Link, type Network, type Passage, type Row } from '../runtime.ts';
import type { Agent } from './agent.ts';
import { probesOf, type Patience } from './agent-probes.ts';

/** Where a node is on the wire. Its name is also the name of its namespace, to the agent. */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  /** The same of IPv6, where it has one. */
  readonly host6?: string;
  readonly mac: string;
}

/**
 * The pause address of Ethernet. A bridge must never forward a frame sent to it, so that what goes there is gone,
 * without a packet filter, without a trace, and without the sender being told.
 */
const nowhere = '01:80:c2:00:00:01';

/**
 * Cuts as a poisoned neighbour table.
 *
 *     n1's table                       n1's table, n1 → n2 cut
 *       10.77.0.2 is at 02:…:02          10.77.0.2 is at 01:80:c2:00:00:01
 *       10.77.0.3 is at 02:…:03          10.77.0.3 is at 02:…:03
 *
 * One direction, one entry; n2 still reaches n1. Established connections stall, new ones time out, nobody gets an
 * error: as when a switch dies. Unicast only, of IPv4 and, where the nodes have it, IPv6.
 */
export class AgentNetwork implements Network {
  readonly #agent: Agent;
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #probes: ReturnType<typeof probesOf>;
  #cut: ReadonlyMap<string, Link>;

  /** @param cuts what is cut already, or will be once every node's table has been written: see {@link settle}. */
  constructor(agent: Agent, endpoints: readonly Endpoint[], cuts: readonly Link[] = []) {
    this.#agent = agent;
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
    this.#cut = byName(cuts);
    this.#probes = probesOf(agent, (name) => this.hosts(name));
  }

  /** Only differences are sent, in one message, so that the cost is that of what changes: 3 nodes, 0.2 ms. */
  async setCuts(cuts: readonly Link[]): Promise<void> {
    const wanted = byName(cuts);
    const changes = [
      ...[...wanted].filter(([id]) => !this.#cut.has(id)).map(([, link]) => this.#entry(link, true)),
      ...[...this.#cut].filter(([id]) => !wanted.has(id)).map(([, link]) => this.#entry(link, false)),
    ].flat();
    // Noted before it is done: the agent works in the order asked, so a call that comes meanwhile builds on this one.
    this.#cut = wanted;
    if (changes.length > 0) await this.#agent.ask('neighbour', ...changes);
  }

  probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]> {
    return this.#probes.probe(links, patience);
  }

  measure(link: Link, row: Row): Promise<Passage> {
    return this.#probes.measure(link, row);
  }

  converse(link: Link, ms: number): Promise<'held' | 'reset' | 'silent'> {
    return this.#probes.converse(link, ms);
  }

  /** Write a node's whole table: at its beginning, and when a restart has given it a new namespace. */
  async settle(name: string): Promise<void> {
    const others = [...this.#endpoints.keys()].filter((other) => other !== name);
    const entries = others.flatMap((to) => this.#entry({ from: name, to }, this.#cut.has(`${name} ${to}`)));
    if (entries.length > 0) await this.#agent.ask('neighbour', ...entries);
  }

  /** The addresses at which it is reached, of IPv4 first. */
  hosts(name: string): readonly [string, ...string[]] {
    const { host, host6 } = this.#endpoint(name);
    return host6 === undefined ? [host] : [host, host6];
  }

  #entry(link: Link, cut: boolean): readonly string[] {
    const [from, to] = [this.#endpoint(link.from), this.#endpoint(link.to)];
    // The clients are on the bridge itself, which does send frames of its own there; those to itself it drops.
    const lost = link.from === CLIENTS ? from.mac : nowhere;
    return this.hosts(link.to).flatMap((host) => [from.name, host, cut ? lost : to.mac]);
  }

  #endpoint(name: string): Endpoint {
    const endpoint = this.#endpoints.get(name);
    if (endpoint === undefined) throw new RangeError(`no node ${name} on this network`);
    return endpoint;
  }
}

const byName = (links: readonly Link[]): ReadonlyMap<string, Link> =>
  new Map(links.map((link) => [`${link.from} ${link.to}`, link]));
