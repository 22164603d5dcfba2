import { seeded, type Random } from '../../../harness/random.ts';
import { CLIENTS, type ShapedLink } from '../../../harness/runtime.ts';
import { NotApplied, Unreachable } from '../kit.ts';
import type { Key, MakeNode, Messages } from '../kit.ts';
import { clientMethod } from '../method.ts';
import { hostOf, type Neighbours } from './host.ts';
import { Link } from './link.ts';
import { Machine } from './machine.ts';
import { Post } from './post.ts';
import { request } from './request.ts';
import type { Surroundings } from './surroundings.ts';
import type { Timeline } from './timeline.ts';
import { drawWeather, type Weather } from './weather.ts';

/** A client's connection tries again so often while its link is cut. */
const RETRY_MS = 25;

type ClientLink = Readonly<Record<'from' | 'to', string>>;

export interface WorldOptions {
  readonly timeline: Timeline;
  readonly seed: number;
  readonly nodes: readonly string[];
  readonly make: MakeNode<Messages, Messages>;
  /** Drawn from the seed unless given. */
  readonly weather?: Partial<Weather>;
}

/** A cluster under virtual time. Everything random is drawn from streams that are named after what they are for. */
export class World implements Surroundings, Neighbours {
  /** A running hash of everything that happened, in order: equal traces, equal runs. */
  trace = 0x811c9dc5;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly weather: Weather;
  readonly machines: ReadonlyMap<string, Machine>;
  /** What nodes threw by mistake. */
  readonly problems: string[] = [];
  /** What each node said and when, a line of JSON each. */
  readonly said: ReadonlyMap<string, { readonly at: number; readonly line: string }[]>;
  readonly post: Post = new Post(this);
  readonly #links = new Map<string, Link>();
  readonly #clients: Random;

  constructor({ timeline, seed, nodes, make, weather }: WorldOptions) {
    this.timeline = timeline;
    this.random = seeded(seed);
    this.#clients = this.random.fork('clients');
    this.weather = { ...drawWeather(this.random.fork('weather')), ...weather };
    this.said = new Map(nodes.map((id) => [id, []]));
    this.machines = new Map(
      nodes.map((id) => [id, new Machine(this, id, (machine) => make(hostOf(machine, this)))]),
    );
  }

  get now(): number {
    return this.timeline.now;
  }

  after(ms: number, then: () => void): void {
    this.timeline.after(ms, then);
  }

  machine(id: string): Machine {
    const machine = this.machines.get(id);
    if (!machine) throw new RangeError(`there is no node ${id}`);
    return machine;
  }

  link(from: string, to: string): Link {
    const name = `${from}>${to}`;
    let link = this.#links.get(name);
    if (!link) this.#links.set(name, (link = new Link(this, name)));
    return link;
  }

  /** From now on exactly these links are cut. */
  setCuts(cuts: readonly { readonly from: string; readonly to: string }[]): void {
    for (const link of this.#links.values()) link.cut = false;
    for (const { from, to } of cuts) this.link(from, to).cut = true;
    this.note(`cuts ${cuts.map(({ from, to }) => `${from}>${to}`).join(' ')}`);
  }

  /** From now on these links carry as each says, and all others as usual. */
  setShaping(shaped: readonly ShapedLink[]): void {
    const wanted = new Map(shaped.map(({ from, to, ...shaping }) => [this.link(from, to), shaping]));
    for (const link of this.#links.values()) link.shape(wanted.get(link) ?? {});
    this.note(`shaped ${shaped.map(({ from, to }) => `${from}>${to}`).join(' ')}`);
  }

  /** A client's question to a node: an operation, or `status`. Rejects as a socket would. */
  ask(node: string, f: string, key: Key, input: unknown, signal?: AbortSignal): Promise<unknown> {
    const machine = this.machine(node);
    const question = JSON.stringify(input ?? null);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const giveUp = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', giveUp, { once: true });
      const back = (settle: () => void): void =>
        this.#carry({ from: node, to: CLIENTS }, signal, () => {
          signal?.removeEventListener('abort', giveUp);
          settle();
        });
      this.#carry({ from: CLIENTS, to: node }, signal, () => {
        this.note(`${f} ${node}`);
        request(
          machine,
          (it) => {
            if (f === 'status') return { id: node, ...machine.status };
            const method = clientMethod(it, f);
            if (!method) throw new Unreachable(`no operation ${f}`);
            return method(JSON.parse(question), key);
          },
          (output) => back(() => resolve(output)),
          (error) => back(() => reject(error)),
        );
      });
    });
  }

  /** Between a client and a node: over a connection, which tries again for as long as it is cut and somebody waits. */
  #carry({ from, to }: ClientLink, signal: AbortSignal | undefined, deliver: () => void): void {
    const link = this.link(from, to);
    const fate = link.path.fate(this.now, 0);
    let gone = fate.lost || fate.altered;
    const arrive = (): void => {
      if (link.carries && !gone) return deliver();
      gone = false;
      if (signal?.aborted !== true) this.after(RETRY_MS, arrive);
    };
    this.after(this.#delay() + fate.lateMs, arrive);
  }

  note(text: string): void {
    let hash = this.trace;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.trace = Math.imul(hash ^ Math.floor(this.now * 1000), 0x01000193) >>> 0;
  }

  say(id: string, line: object): void {
    this.said.get(id)?.push({ at: this.now, line: JSON.stringify(line) });
  }

  sent(from: string, to: string, name: string, body: unknown): () => void {
    return this.post.sent(from, to, name, body);
  }

  thrown(id: string, error: unknown): void {
    if (error instanceof NotApplied || error instanceof Unreachable) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.problems.push(`${id}: ${text}`);
    this.say(id, { node: id, error: text });
  }

  #delay(): number {
    return 0.2 + this.#clients.fraction();
  }
}
