import { CLIENTS, type Link } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import { nameOf } from './labels.ts';
import type { Patience } from '../agent-probes.ts';
import type { RunNetwork } from './run-network.ts';
import { thisHarness } from './owner.ts';
import type { Places } from './places.ts';

/**
 * Cuts as sets in one packet filter table on the engine's bridge:
 *
 *     table bridge labrys-RUN
 *       set cuts       198.18.7.11 . 198.18.7.12, 198.18.7.12 . 198.18.7.11
 *       set deaf       198.18.7.13                          nothing from outside comes in to it
 *       set mute                                            nothing from it goes out
 *       chain forward  ip saddr . ip daddr @cuts drop
 *       chain output   ip daddr @deaf drop
 *       chain input    ip saddr @mute drop
 *
 * What one node sends to another is forwarded by the bridge; what clients send to a node comes through the bridge from
 * outside, and is another hook's, so that neither cut touches the other. Packets vanish without a word to either side. All links change in one transaction, and a node that is
 * killed and started again, with a new network namespace but its old address, is still cut.
 */
export class FilterNetwork implements RunNetwork {
  readonly #agent: Agent;
  readonly #table: string;
  readonly #places: Places;
  /** What is in each set. */
  #cut: Readonly<Record<SetName, ReadonlySet<string>>> = {
    cuts: new Set(),
    deaf: new Set(),
    mute: new Set(),
  };

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
    const wanted = this.#elements(cuts);
    const change = (verb: 'add' | 'delete', set: SetName, elements: ReadonlySet<string>): string[] =>
      elements.size === 0
        ? []
        : [`${verb} element bridge ${this.#table} ${set} { ${[...elements].join(', ')} }`];
    const script = setNames.flatMap((set) => [
      ...change('delete', set, this.#cut[set].difference(wanted[set])),
      ...change('add', set, wanted[set].difference(this.#cut[set])),
    ]);
    // Noted before it is done: the agent works in the order asked, so a call that comes meanwhile builds on this one.
    this.#cut = wanted;
    if (script.length > 0) await this.#agent.ask('nft', script.join('; '));
  }

  #elements(cuts: readonly Link[]): Record<SetName, ReadonlySet<string>> {
    const host = (name: string): string => this.#places.host(name);
    const between = cuts.filter(({ from, to }) => from !== CLIENTS && to !== CLIENTS);
    return {
      cuts: new Set(between.map(({ from, to }) => `${host(from)} . ${host(to)}`)),
      deaf: new Set(cuts.filter(({ from }) => from === CLIENTS).map(({ to }) => host(to))),
      mute: new Set(cuts.filter(({ to }) => to === CLIENTS).map(({ from }) => host(from))),
    };
  }

  /** The filter outlives the nodes. */
  async settle(): Promise<void> {}

  probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]> {
    return this.#places.probe(links, patience);
  }
}

const setNames = ['cuts', 'deaf', 'mute'] as const;
type SetName = (typeof setNames)[number];

/** A table of our own that cuts nothing yet, and says whose it is. */
export function emptyTable(name: string): string {
  return [
    `add table bridge ${name} { comment "${thisHarness()}" ; }`,
    `add set bridge ${name} cuts { type ipv4_addr . ipv4_addr ; }`,
    `add set bridge ${name} deaf { type ipv4_addr ; }`,
    `add set bridge ${name} mute { type ipv4_addr ; }`,
    ...['forward', 'output', 'input'].map(
      (hook) => `add chain bridge ${name} ${hook} { type filter hook ${hook} priority -200 ; }`,
    ),
    `add rule bridge ${name} forward ip saddr . ip daddr @cuts drop`,
    `add rule bridge ${name} output ip daddr @deaf drop`,
    `add rule bridge ${name} input ip saddr @mute drop`,
  ].join('; ');
}
