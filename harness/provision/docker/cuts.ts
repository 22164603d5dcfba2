import type { Link, Network } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import { nameOf } from './labels.ts';
import type { ContainerNode } from './node.ts';
import { thisHarness } from './owner.ts';

/** A node, and its address on the wire. */
export interface Place {
  readonly node: ContainerNode;
  readonly host: string;
}

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
export class FilterNetwork implements Network {
  readonly #agent: Agent;
  readonly #table: string;
  readonly #places: ReadonlyMap<string, Place>;
  /** The process whose namespace the agent holds, by node. */
  readonly #entered = new Map<string, number>();
  #cut = new Set<string>();

  constructor(agent: Agent, run: string, places: readonly Place[]) {
    this.#agent = agent;
    this.#table = nameOf(run);
    this.#places = new Map(places.map((place) => [place.node.name, place]));
  }

  async open(): Promise<void> {
    await this.#agent.ask('nft', emptyTable(this.#table));
  }

  /** Only differences are sent: 5 ms, most of it the start of nft. */
  async setCuts(cuts: readonly Link[]): Promise<void> {
    const wanted = new Set(
      cuts.map((link) => `${this.#place(link.from).host} . ${this.#place(link.to).host}`),
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

  /** A dead node neither sends nor receives; a paused one's kernel still does both. */
  async probe(links: readonly Link[]): Promise<readonly boolean[]> {
    const names = [...new Set(links.flatMap((link) => [link.from, link.to]))];
    const alive = new Set<string>();
    await Promise.all(names.map(async (name) => ((await this.#enter(name)) ? alive.add(name) : undefined)));
    const asked = links.filter((link) => alive.has(link.from) && alive.has(link.to));
    if (asked.length === 0) return links.map(() => false);
    const words = asked.flatMap((link) => [link.from, link.to, this.#place(link.to).host]);
    const arrived = await this.#agent.ask('probe', ...words);
    return links.map((link) => arrived[asked.indexOf(link)] === '1');
  }

  /** Every life of a node has a namespace of its own, which goes with it. */
  async #enter(name: string): Promise<boolean> {
    const { State } = await this.#place(name).node.inspect();
    if (!State.Running) {
      if (this.#entered.delete(name)) await this.#agent.ask('leave', name);
      return false;
    }
    if (this.#entered.get(name) !== State.Pid) {
      await this.#agent.ask('enter', name, `/proc/${State.Pid}/ns/net`);
      this.#entered.set(name, State.Pid);
    }
    return true;
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`no node ${name} on this network`);
    return place;
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
