import type { Cluster, Link, Network, Node, NodeState } from '../../harness/runtime.ts';
import type { Time } from '../../harness/time.ts';
import type { FaultWorld } from './conformance.ts';

/** Time that passes only when somebody sleeps, and then at once. */
export function leapingTime(): Time {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms * 1e6;
    },
    after: () => {
      throw new Error('faults sleep, they set no timers');
    },
  };
}

/** How a world may fail, to see what a fault makes of it. */
export interface Flaws {
  /** Cuts are accepted and ignored. */
  readonly leaky?: boolean;
  /** Kills and pauses are accepted and ignored. */
  readonly immortal?: boolean;
  readonly blindProbe?: boolean;
}

/** A cluster in memory: nodes with a state and an inbox, and links that carry letters between them. */
export function memoryWorld(size: number, flaws: Flaws = {}): FaultWorld & { readonly nodes: MemoryNode[] } {
  const nodes = Array.from({ length: size }, (_, i) => new MemoryNode(`n${i + 1}`, flaws.immortal ?? false));
  const cluster: Cluster = {
    nodes,
    network: memoryNetwork(nodes, flaws),
    [Symbol.asyncDispose]: async () => {},
  };
  return {
    nodes,
    cluster,
    time: leapingTime(),
    leaders: async () => nodes.filter(({ now }) => now === 'running').map(({ name }) => ({ node: name })),
    restart: (node) => node.start(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

class MemoryNode implements Node {
  readonly name: string;
  readonly inbox: string[] = [];
  now: NodeState = 'running';
  readonly #immortal: boolean;

  constructor(name: string, immortal: boolean) {
    this.name = name;
    this.#immortal = immortal;
  }

  address(): string {
    return this.name;
  }

  async start(): Promise<void> {
    if (this.now === 'dead') this.now = 'running';
  }

  async kill(): Promise<void> {
    if (!this.#immortal) this.now = 'dead';
  }

  async pause(): Promise<void> {
    if (this.now === 'dead') throw new Error('no such process');
    if (!this.#immortal) this.now = 'paused';
  }

  async resume(): Promise<void> {
    if (this.now === 'dead') throw new Error('no such process');
    this.now = 'running';
  }

  async state(): Promise<NodeState> {
    return this.now;
  }

  lastLines(): readonly string[] {
    return [];
  }
}

function memoryNetwork(nodes: readonly MemoryNode[], { leaky, blindProbe }: Flaws): Network {
  let cut: readonly Link[] = [];
  return {
    setCuts: async (cuts) => {
      if (leaky !== true) cut = cuts;
    },
    probe: async (links) => {
      if (blindProbe === true) throw new Error('no probe in this world');
      return links.map(({ from, to }, number) => {
        const [sender, receiver] = [from, to].map((name) => nodes.find((node) => node.name === name));
        const lost = cut.some((link) => link.from === from && link.to === to);
        if (sender?.now !== 'running' || receiver?.now !== 'running') return false;
        if (!lost) receiver.inbox.push(`${from} ${number}`);
        return receiver.inbox.splice(0).includes(`${from} ${number}`);
      });
    },
  };
}
