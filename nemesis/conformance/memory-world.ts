import { BentClock } from '../../harness/bent-clock.ts';
import type { ClockName, NodeClock } from '../../harness/clock.ts';
import { seeded, type Random } from '../../harness/random.ts';
import {
  CLIENTS,
  type Cluster,
  type Link,
  type DiskOperation,
  type DiskTrouble,
  type Network,
  type Node,
  type NodeDisk,
  type NodeGroup,
  type NodeLimits,
  type NodeState,
  type Passage,
  type Planted,
  type Row,
  type ShapedLink,
  type Shaping,
} from '../../harness/runtime.ts';
import type { Time } from '../../harness/time.ts';
import { sameLink } from '../shapes.ts';
import type { FaultWorld } from './conformance.ts';
import { memoryMembers } from './memory-members.ts';

/** Time that passes only while everybody sleeps, and then at once, to when the first of them wakes. */
export function leapingTime(): Time {
  let now = 0;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  let leaping = false;
  const leap = (): void => {
    leaping = sleepers.length > 0;
    const [first] = sleepers.toSorted((a, b) => a.at - b.at);
    if (first === undefined) return;
    sleepers = sleepers.filter((one) => one !== first);
    now = Math.max(now, first.at);
    first.wake();
    // When whatever it does now without sleeping has been done.
    setImmediate(leap);
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const giveUp = (): void => {
          sleepers = sleepers.filter((other) => other !== one);
          reject(signal?.reason as Error);
        };
        const one = {
          at: now + ms * 1e6,
          wake: () => {
            signal?.removeEventListener('abort', giveUp);
            resolve();
          },
        };
        sleepers.push(one);
        signal?.addEventListener('abort', giveUp, { once: true });
        if (!leaping) setImmediate(leap);
        leaping = true;
      }),
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
  /** Limits, and troubles of disks, are accepted and ignored. */
  readonly generous?: boolean;
  /** Members agree to let others go, and do not. */
  readonly loyal?: boolean;
}

export interface MemoryWorld extends FaultWorld {
  readonly nodes: MemoryNode[];
  /** The links that carry nothing now. */
  cuts(): readonly Link[];
}

/** A cluster in memory: nodes with a state and an inbox, and links that carry letters between them. */
export function memoryWorld(size: number, flaws: Flaws = {}): MemoryWorld {
  const time = leapingTime();
  const nodes = Array.from({ length: size }, (_, i) => new MemoryNode(`n${i + 1}`, time, flaws));
  const { cuts, ...network } = memoryNetwork(nodes, flaws);
  const cluster: Cluster = {
    nodes,
    network,
    [Symbol.asyncDispose]: async () => {},
  };
  return {
    nodes,
    cuts,
    cluster,
    time,
    leaders: async () => nodes.filter(({ now }) => now === 'running').map(({ name }) => ({ node: name })),
    members: memoryMembers(nodes, flaws.loyal === true),
    chores: {
      tidy: { atLeader: false, run: async (at) => `${at.name} is tidy` },
      'hand-over': { atLeader: true, run: async (at) => `${at.name} leads no more` },
    },
    // Whatever it does next, it comes there.
    arm: async (node, failpoint) => {
      if (failpoint !== '') await node.kill();
    },
    restart: (node) => node.start(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

class MemoryNode implements Node {
  readonly name: string;
  readonly inbox: string[] = [];
  now: NodeState = 'running';
  lives = 1;
  readonly clock: NodeClock;
  readonly limits: NodeLimits;
  readonly group: NodeGroup;
  readonly disk: NodeDisk;
  readonly #immortal: boolean;

  constructor(name: string, time: Time, { immortal = false, punctual = false, generous = false }: Flaws) {
    this.name = name;
    this.#immortal = immortal;
    this.clock = memoryClock(this, time, punctual);
    this.limits = memoryLimits(this, generous);
    this.group = memoryGroup(this, time, generous);
    this.disk = memoryDisk(time, generous);
  }

  address(): string {
    return this.name;
  }

  async start(): Promise<void> {
    if (this.now !== 'dead') return;
    this.now = 'running';
    this.lives++;
  }

  async kill(): Promise<void> {
    if (!this.#immortal) this.now = 'dead';
  }

  async stop(): Promise<'ended' | 'killed'> {
    await this.kill();
    return 'ended';
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

function memoryLimits(node: MemoryNode, generous: boolean): NodeLimits {
  const may = { files: 1024, memory: Infinity };
  const has = { files: 10, memory: 1e9 };
  return {
    tighten: async (what, spare) => {
      if (!generous) may[what] = has[what] + spare;
    },
    relax: async (what) => {
      may[what] = what === 'files' ? 1024 : Infinity;
    },
    request: async (what, amount) =>
      node.now === 'dead'
        ? []
        : [
            {
              process: node.name,
              ...(has[what] + amount > may[what] && { refused: what === 'files' ? 'EMFILE' : 'ENOMEM' }),
            },
          ],
    read: async (what) =>
      node.now === 'dead' ? [] : [{ process: node.name, may: may[what], has: has[what] }],
  };
}

function memoryGroup(node: MemoryNode, time: Time, generous: boolean): NodeGroup {
  let quota: number | undefined;
  let life = node.lives;
  return {
    squeeze: async (share) => {
      if (!generous) quota = share;
      life = node.lives;
    },
    burn: async (ms) => {
      await time.sleep(ms);
      if (life !== node.lives) quota = undefined;
      return quota === undefined ? { share: 0.9, held: 0 } : { share: quota, held: 5 };
    },
    starve: async () => {
      await node.kill();
      return 'killed by the kernel';
    },
  };
}

function memoryDisk(time: Time, sound: boolean): NodeDisk {
  const troubles = new Map<DiskOperation, DiskTrouble>();
  const random = seeded(1);
  let damaged: Awaited<ReturnType<NodeDisk['damaged']>> = [];
  let there: Planted = { pages: 0, names: 0 };
  return {
    crash: async (keep) => {
      const before = there;
      const pages = Array.from({ length: before.pages }, () => random.fraction() < keep.pages);
      if (!sound) there = { pages: pages.filter(Boolean).length, names: keep.names < 1 ? 0 : before.names };
      return {
        lost: before.pages - there.pages,
        kept: there.pages,
        unnamed: before.names - there.names,
      };
    },
    settle: async () => {
      there = { pages: 0, names: 0 };
    },
    trouble: async (operation, trouble) => {
      if (!sound) troubles.set(operation, trouble);
    },
    try: async (operation) => {
      const { error, share = 1, delayMs = 0 } = troubles.get(operation) ?? {};
      await time.sleep(delayMs);
      return { ms: delayMs + 0.1, ...(error && random.fraction() < share ? { error } : {}) };
    },
    files: async () => [{ path: 'log', size: 1000 }],
    damage: async (path, how) => {
      const bytes = 'cut' in how ? how.cut : new Set(how.flip.map((bit) => bit >> 3)).size;
      if (!sound) damaged = [...damaged, { path, bytes }];
    },
    damaged: async () => damaged,
    mend: async () => {
      damaged = [];
      return [];
    },
    plant: async () => (there = { pages: 64, names: 1 }),
    harvest: async () => there,
  };
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

function memoryNetwork(
  nodes: readonly MemoryNode[],
  { leaky, blindProbe }: Flaws,
): Network & Pick<MemoryWorld, 'cuts'> {
  let cut: readonly Link[] = [];
  let shaped: readonly ShapedLink[] = [];
  const clients: string[] = [];
  const random = seeded(1);
  const both = (link: Link): boolean =>
    [link.from, link.to].every(
      (name) => name === CLIENTS || nodes.find((node) => node.name === name)?.now === 'running',
    );
  const passes = (link: Link): boolean => both(link) && !cut.some((other) => sameLink(link, other));
  return {
    cuts: () => cut,
    setCuts: async (cuts) => {
      if (leaky !== true) cut = cuts;
    },
    setShaping: async (links) => {
      if (leaky !== true) shaped = links;
    },
    probe: async (links) => {
      if (blindProbe === true) throw new Error('no probe in this world');
      return links.map((link, number) => {
        const receiver = nodes.find(({ name }) => name === link.to) ?? { inbox: clients };
        const { hold, loss = 0 } = shaped.find((other) => sameLink(link, other)) ?? {};
        if (passes(link) && hold !== true && loss < 1) receiver.inbox.push(`${link.from} ${number}`);
        return receiver.inbox.splice(0).includes(`${link.from} ${number}`);
      });
    },
    measure: async (link, row) => {
      if (blindProbe === true) throw new Error('no probe in this world');
      const shaping = shaped.find((other) => sameLink(link, other)) ?? {};
      return passes(link) ? carried(row, shaping, random) : { ...nothingArrived, sent: row.count };
    },
    converse: async (link) => {
      if (blindProbe === true) throw new Error('no probe in this world');
      const { reset = 0 } = shaped.find((other) => sameLink(link, other)) ?? {};
      return passes(link) ? (reset > 0 ? 'reset' : 'held') : 'silent';
    },
  };
}

const nothingArrived: Passage = { sent: 0, arrived: 0, again: 0, altered: 0, overtaken: 0, delaysMs: [] };

/** What becomes of a row on a link that is shaped like this. */
function carried({ count, everyMs, bytes, waitMs }: Row, shaping: Shaping, random: Random): Passage {
  const { delayMs = 0, jitterMs = 0, loss = 0, duplicate = 0, corrupt = 0, reorder = 0 } = shaping;
  const falls = (share: number): boolean => random.fraction() < share;
  let [again, altered, overtaken, busy, latest] = [0, 0, 0, 0, 0];
  const delaysMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const sent = i * everyMs;
    busy = Math.max(busy, sent) + (shaping.bytesPerSecond ? (1000 * bytes) / shaping.bytesPerSecond : 0);
    if (falls(loss) || shaping.hold === true) continue;
    if (falls(corrupt)) {
      altered++;
      continue;
    }
    if (falls(duplicate)) again++;
    const late = falls(reorder) ? 0 : busy - sent + delayMs + (2 * random.fraction() - 1) * jitterMs;
    if (late > waitMs) continue;
    if (sent + late < latest) overtaken++;
    latest = Math.max(latest, sent + late);
    delaysMs.push(Math.max(0, late));
  }
  return { sent: count, arrived: delaysMs.length, again, altered, overtaken, delaysMs };
}
