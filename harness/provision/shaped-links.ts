import type { Link, Network, ShapedLink, Shaping } from '../runtime.ts';
import { AgentRefusal, type Agent, type LocalAgent } from './agent.ts';
import type { Patience } from './agent-probes.ts';

/** What a runtime knows about its nodes, and the shaper needs. */
export interface Surroundings {
  /** Starts a shaper where it can enter the nodes' namespaces. */
  start(): Promise<Pick<LocalAgent, 'agent'> & AsyncDisposable>;
  /** A path that opens a node's namespace now; `undefined` if it has none, because it is dead. */
  door(node: string): Promise<string | undefined>;
  /** The addresses at which other nodes reach it. */
  hosts(node: string): readonly string[];
}

/**
 * Links that carry late, twice, damaged, or not at all: the shaper's side of a network. It is started when something is first
 * shaped, and what is shaped ends with it: should it die, every link carries as usual again.
 */
export class ShapedLinks implements AsyncDisposable {
  readonly #around: Surroundings;
  readonly #entered = new Map<string, string>();
  #wanted: ReadonlyMap<string, ShapedLink> = new Map();
  /** What the shaper has been told. */
  #told = new Map<string, string>();
  #shaper: (Pick<LocalAgent, 'agent'> & AsyncDisposable) | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Exactly these from now on. Only differences are sent, and all in one message. */
  set(links: readonly ShapedLink[]): Promise<void> {
    return this.#inTurn(() => {
      this.#wanted = new Map(links.map((link) => [nameOf(link), link]));
      return this.#apply();
    });
  }

  /** Nodes have started again, and may have new namespaces: what was shaped has to be shaped there. */
  settle(): Promise<void> {
    return this.#inTurn(() => this.#apply());
  }

  /** How long a datagram may have to be waited for, and how often sent, until it is certain that it does not come. */
  get patience(): Patience {
    const all = [...this.#wanted.values()];
    const longest = Math.max(0, ...all.map(({ delayMs = 0, jitterMs = 0 }) => delayMs + jitterMs));
    const queued = all.some(({ bytesPerSecond }) => bytesPerSecond !== undefined) ? 500 : 0;
    const lossiest = Math.max(0, ...all.map(({ loss = 0, corrupt = 0 }) => 1 - (1 - loss) * (1 - corrupt)));
    // So often that one in a million rows is lost as a whole.
    const tries = lossiest === 0 ? 0 : Math.min(100, Math.ceil(Math.log(1e-6) / Math.log(lossiest)));
    return { ms: longest + queued, tries };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inTurn(() => this.#end());
  }

  async #apply(): Promise<void> {
    if (this.#shaper?.agent.gone) await this.#end();
    if (this.#shaper === undefined && this.#wanted.size === 0) return;
    this.#shaper ??= await this.#around.start();
    const { agent } = this.#shaper;
    for (const name of new Set([...this.#wanted.values()].map(({ from }) => from)))
      await this.#enter(agent, name);
    const wanted = new Map(
      [...this.#wanted]
        .filter(([, { from }]) => this.#entered.has(from))
        .map(([id, link]) => [id, wordFor(link)]),
    );
    const changes = [
      ...[...wanted].filter(([id, how]) => this.#told.get(id) !== how),
      ...[...this.#told.keys()].filter((id) => !wanted.has(id)).map((id) => [id, '-'] as const),
    ];
    if (changes.length === 0) return;
    // Noted before it is done: of a message that fails half way, all is sent again.
    this.#told = wanted;
    try {
      await agent.ask('shape', ...changes.flatMap(([id, how]) => this.#words(id, how)));
    } catch (error) {
      // What died has healed everything, and if nothing is wanted, all is well.
      if (agent.gone && this.#wanted.size === 0) return this.#end();
      this.#told = new Map([...this.#told].map(([id]) => [id, '?']));
      throw error;
    }
  }

  async #enter(agent: Agent, name: string): Promise<void> {
    const door = await this.#around.door(name);
    if (door === this.#entered.get(name)) return;
    for (const id of this.#told.keys()) if (id.startsWith(`${name} `)) this.#told.delete(id);
    this.#entered.delete(name);
    if (door === undefined) return;
    try {
      await agent.ask('enter', name, door);
    } catch (cause) {
      // It has just died: whoever starts it again shapes its links then.
      if (cause instanceof AgentRefusal && (await this.#around.door(name)) !== door) return;
      throw cause;
    }
    this.#entered.set(name, door);
  }

  async #end(): Promise<void> {
    const shaper = this.#shaper;
    this.#shaper = undefined;
    this.#told.clear();
    this.#entered.clear();
    await shaper?.[Symbol.asyncDispose]();
  }

  #words(id: string, how: string): readonly string[] {
    const [from = '', to = ''] = id.split(' ');
    return this.#around.hosts(to).flatMap((host) => [from, host, how]);
  }

  /** One after the other, so that what is told last is what is wanted now. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const next = this.#last.then(act);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** A network whose links can be shaped, and whose probes wait for what is slow on them. */
export function withShaping(
  network: Pick<Network, 'setCuts'> & {
    probe(links: readonly Link[], patience?: Patience): Promise<readonly boolean[]>;
  },
  probes: Pick<Required<Network>, 'measure' | 'converse'>,
  shaped: ShapedLinks,
): Required<Network> {
  return {
    setCuts: (cuts) => network.setCuts(cuts),
    setShaping: (links) => shaped.set(links),
    probe: (links) => network.probe(links, shaped.patience),
    measure: (link, row) => probes.measure(link, row),
    converse: (link, ms) => probes.converse(link, ms),
  };
}

const nameOf = ({ from, to }: ShapedLink): string => `${from} ${to}`;

/** What the shaper calls each of them. */
const words: { readonly [What in keyof Required<Shaping>]: string } = {
  delayMs: 'delay',
  jitterMs: 'jitter',
  loss: 'loss',
  duplicate: 'duplicate',
  corrupt: 'corrupt',
  reorder: 'reorder',
  reset: 'reset',
  bytesPerSecond: 'rate',
  hold: 'hold',
};

function wordFor(link: Shaping): string {
  const said = Object.entries(words).flatMap(([what, word]) => {
    const value = Number(link[what as keyof Shaping] ?? 0);
    return value === 0 ? [] : [`${word}=${value}`];
  });
  return said.join(',') || '-';
}
