import type { Link } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import { nameOf } from './labels.ts';
import type { Patience } from '../agent-probes.ts';
import type { RunNetwork } from './run-network.ts';
import { thisHarness } from './owner.ts';
import type { Places } from './places.ts';

/**
 * Cuts as one set in one packet filter table on the engine's bridge:
 *
 *     table bridge labrys-RUN
 *       set cuts       198.18.7.11 . 198.18.7.12, 198.18.7.12 . 198.18.7.11
 *       chain forward  ip saddr . ip daddr @cuts drop
 *
 * What one node sends to another is forwarded by the bridge; what the harness sends to a node is not, so that clients
 * are never cut. Packets vanish without a word to either side. All links change in one transaction, and a node that is
 * killed and started again, with a new network namespace but its old address, is still cut.
 */
export class FilterNetwork implements RunNetwork {
  readonly #agent: Agent;
  readonly #table: string;
  readonly #places: Places;
  #cut = new Set<string>();

  private constructor(agent: Agent, table: string, places: Places) {
    this.#agent = agent;
    this.#table = table;
    this.#places = places;
  }

  /** Rejects with an AgentRefusal where the engine's kernel has no packet filter on bridges. */
  static async open(agent: Agent, run: string, places: Places): Promise<FilterNetwork> {
    await agent.ask('nft', emptyTable(nameOf(run)));
    return new FilterNetwork(agent, nameOf(run), places);
  }

  /** Only differences are sent. 5 ms to cut, most of it the start of nft; 15 to heal. */
  async setCuts(cuts: readonly Link[]): Promise<void> {
    const wanted = new Set(
      cuts.map((link) => `${this.#places.host(link.from)} . ${this.#places.host(link.to)}`),
    );
    const change = (verb: 'add' | 'delete', elements: readonly string[]): string[] =>
      elements.length === 0 ? [] : [`${verb} element bridge ${this.#table} cuts { ${elements.join(', ')} }`];
    const script = [
      ...change('delete', [...this.#cut.difference(wanted)]),
      ...change('add', [...wanted.difference(this.#cut)]),
    ];
    // Noted before it is done: the agent works in the order asked, so a call that comes meanwhile builds on this one.
    this.#cut = wanted;
    if (script.length > 0) await this.#agent.ask('nft', script.join('; '));
  }

  /** The filter outlives the nodes. */
  async settle(): Promise<void> {}

  probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]> {
    return this.#places.probe(links, patience);
  }
}

/** A table of our own that cuts nothing yet, and says whose it is. */
export function emptyTable(name: string): string {
  return [
    `add table bridge ${name} { comment "${thisHarness()}" ; }`,
    `add set bridge ${name} cuts { type ipv4_addr . ipv4_addr ; }`,
    `add chain bridge ${name} forward { type filter hook forward priority -200 ; }`,
    `add rule bridge ${name} forward ip saddr . ip daddr @cuts drop`,
  ].join('; ');
}
