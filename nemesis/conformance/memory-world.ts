import { BentClock } from '../../harness/bent-clock.ts';
import type { ClockName, NodeClock } from '../../harness/clock.ts';
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
  /** Clocks are set and stay right. */
  readonly punctual?: boolean;
}

/** A cluster in memory: nodes with a state and an inbox, and links that carry letters between them. */
export function memoryWorld(size: number, flaws: Flaws = {}): FaultWorld & { readonly nodes: MemoryNode[] } {
  const time = leapingTime();
  const nodes = Array.from({ length: size }, (_, i) => new MemoryNode(`n${i + 1}`, time, flaws));
  const cluster: Cluster = {
    nodes,
    network: memoryNetwork(nodes, flaws),
    [Symbol.asyncDispose]: async () => {},
  };
  return {
    nodes,
    cluster,
    time,
    leaders: async () => nodes.filter(({ now }) => now === 'running').map(({ name }) => ({ node: name })),
    restart: (node) => node.start(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

class MemoryNode implements Node {
  readonly name: string;
  readonly inbox: string[] = [];
  now: NodeState = 'running';
  readonly clock: NodeClock;
  readonly #immortal: boolean;

  constructor(name: string, time: Time, { immortal = false, punctual = false }: Flaws) {
    this.name = name;
    this.#immortal = immortal;
    this.clock = memoryClock(this, time, punctual);
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

function memoryClock(node: MemoryNode, time: Time, punctual: boolean): NodeClock {
  const clocks: Readonly<Record<ClockName, BentClock>> = {
    wall: new BentClock(),
    monotonic: new BentClock(),
  };
  const ms = (): number => time.now() / 1e6;
  const ahead = (clock: ClockName) => ({ aheadMs: clocks[clock].shown(ms()) - ms(), atMs: ms() });
  return {
    set: async (clock, skew) => {
      if (!punctual) clocks[clock].skew(skew, ms());
    },
    read: async () =>
      node.now === 'dead' ? [] : [{ process: node.name, wall: ahead('wall'), monotonic: ahead('monotonic') }],
  };
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
