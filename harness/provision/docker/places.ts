import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENTS, type Link, type Passage, type Row } from '../../runtime.ts';
import { AgentRefusal, type Agent } from '../agent.ts';
import { probesOf, type Patience } from '../agent-probes.ts';
import type { ContainerNode } from './node.ts';

const LOOK_AGAIN_MS = 20;
/** How much later than the machine itself an engine may learn that a process has ended. */
const PATIENCE_MS = 5_000;

/** A node, and its address on the wire. */
export interface Place {
  readonly node: ContainerNode;
  readonly host: string;
}

/**
 * The nodes' network namespaces, as the agent knows them. Every life of a node has one of its own, which goes with it;
 * so each is looked up, and entered anew where it has changed.
 *
 * A node may end between any two of these steps, by a fault or by itself. That is never an error here: it is dead, or lives
 * again somewhere else, and the engine is asked again which.
 */
export class Places {
  readonly #agent: Pick<Agent, 'ask'>;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #gateway: string;
  readonly #probes: ReturnType<typeof probesOf>;
  /** The process whose namespace the agent holds, by node. */
  readonly #entered = new Map<string, number>();

  /** @param gateway the address at which nodes reach the engine's machine, and the harness where it is there. */
  constructor(agent: Pick<Agent, 'ask'>, places: readonly Place[], gateway: string) {
    this.#agent = agent;
    this.#gateway = gateway;
    this.#places = new Map(places.map((place) => [place.node.name, place]));
    this.#probes = probesOf(agent, (name) => [this.host(name)]);
  }

  get names(): readonly string[] {
    return [...this.#places.keys()];
  }

  host(name: string): string {
    return name === CLIENTS ? this.#gateway : this.#place(name).host;
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

  /** A path that opens a node's namespace on the engine's machine; nothing where it is dead. */
  async door(name: string): Promise<string | undefined> {
    // Of the agent, which is on the engine's own network.
    if (name === CLIENTS) return '/proc/self/ns/net';
    const { pid } = await this.#look(name);
    return pid === undefined ? undefined : `/proc/${pid}/ns/net`;
  }

  /** A dead node neither sends nor receives; a paused one's kernel still does both. */
  async probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]> {
    const alive = await this.enter(links.flatMap((link) => [link.from, link.to]));
    const asked = links.filter((link) => alive.has(link.from) && alive.has(link.to));
    const arrived = await this.#probes.probe(asked, patience);
    return links.map((link) => arrived[asked.indexOf(link)] === true);
  }

  async measure(link: Link, row: Row): Promise<Passage> {
    const alive = await this.enter([link.from, link.to]);
    if (alive.size === 2) return await this.#probes.measure(link, row);
    return { sent: row.count, arrived: 0, again: 0, altered: 0, overtaken: 0, delaysMs: [] };
  }

  async converse(link: Link, ms: number): Promise<'held' | 'reset' | 'silent'> {
    const alive = await this.enter([link.from, link.to]);
    return alive.size === 2 ? await this.#probes.converse(link, ms) : 'silent';
  }

  /**
   * Do something in the namespace of a node that was alive. Where that is refused, and the node no longer has the
   * namespace that was entered, it is not done, and nobody misses it: whoever starts the node again does it then.
   */
  async inside(name: string, act: () => Promise<unknown>): Promise<void> {
    const pid = this.#entered.get(name);
    try {
      await act();
    } catch (cause) {
      if (!(cause instanceof AgentRefusal) || (await this.#look(name)).pid === pid) throw cause;
    }
  }

  async #enter(name: string): Promise<string | undefined> {
    if (name === CLIENTS) {
      if (!this.#entered.has(name)) await this.#agent.ask('enter', name, '/proc/self/ns/net');
      this.#entered.set(name, 0);
      return '';
    }
    for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
      const { pid, mac } = await this.#look(name);
      if (pid === undefined) {
        this.#entered.delete(name);
        return undefined;
      }
      if (pid === this.#entered.get(name)) return mac;
      try {
        await this.#agent.ask('enter', name, `/proc/${pid}/ns/net`);
      } catch (cause) {
        // A process that has just ended is gone from /proc before the engine has heard of it.
        if (!(cause instanceof AgentRefusal) || waitedMs >= PATIENCE_MS) throw cause;
        await sleep(LOOK_AGAIN_MS);
        continue;
      }
      // Numbers are given again: only if it is still the node's own was it the node's own when it was entered.
      if ((await this.#look(name)).pid !== pid) continue;
      this.#entered.set(name, pid);
      return mac;
    }
  }

  /** The process whose namespace is the node's, where it lives, and its hardware address. */
  async #look(name: string): Promise<{ readonly pid?: number; readonly mac: string }> {
    const { State, NetworkSettings } = await this.#place(name).node.inspect();
    const mac = Object.values(NetworkSettings.Networks)[0]?.MacAddress ?? '';
    return State.Running ? { pid: State.Pid, mac } : { mac };
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`no node ${name} on this network`);
    return place;
  }
}
