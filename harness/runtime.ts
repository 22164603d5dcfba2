import type { Key } from 'knossos-js';
import type { NodeClock } from './clock.ts';

/** What can be done to a node, or between nodes. Faults say what they need; runtimes say what they have. */
export type Capability =
  | 'kill'
  | 'pause'
  | 'cut'
  | 'shape'
  | 'clock'
  | 'stop'
  | 'limit'
  | 'group'
  | 'disk'
  | 'exec'
  | 'write';

/** A place where nodes live: containers, machines behind ssh, processes on this machine, a simulation. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly can: ReadonlySet<Capability>;
  /** By what means it does each, and what it needs for it, for people. */
  readonly through?: Readonly<Partial<Record<Capability, string>>>;
  /**
   * Why this machine cannot do what the runtime elsewhere can: no compiler, a kernel without packet queues. Tried out, and
   * asked before a run only about what its faults need.
   */
  lacks?(capability: Capability): Promise<string | undefined>;
  /** Bring every node up, or bring none up and say why. A node that is up runs; whether it is ready, its system says. */
  provision(blueprint: Blueprint, signal: AbortSignal): Promise<Cluster>;
}

export type RuntimeName = 'local' | 'docker' | 'ssh' | 'sim';

/** What a runtime is asked for. It decides on addresses and data folders, then asks for each node's recipe. */
export interface Blueprint {
  /** The run's id: every container, network, namespace and rule carries it, so that leftovers can be found. */
  readonly run: string;
  /** The run's folder: what a node says goes to `nodes/<name>/stdout.log` and `stderr.log` in it, as it is said. */
  readonly folder: string;
  readonly nodes: readonly string[];
  /** Their data is to be on disks that can be made to fail. Where the runtime can `disk`. */
  readonly failingDisks?: boolean;
  /** The ports a node listens on, by purpose. */
  readonly ports: Readonly<Record<string, number>>;
  recipe(self: Member, members: readonly Member[]): Recipe;
  /** One line for `run.log`: what was done on which node. */
  log(line: Readonly<Record<string, unknown>>): void;
}

/** A node's place in the cluster, known before any node runs. */
export interface Member {
  readonly name: string;
  /** From 1. */
  readonly number: number;
  /** The address that other members reach it at. Every node has one of its own, so ports never clash. */
  readonly host: string;
  /** The same of IPv6, where it has one: on `local`. Cuts and shaping hold for both. */
  readonly host6?: string;
  /** An empty folder of its own, as the node sees it. It outlives the node's process, and ends with the run. */
  readonly data: string;
  /** The folder that {@link Recipe.bring} fills, as the node sees it. Only on `ssh`. */
  readonly brought?: string;
  /** `host:port`, as the other members see it. */
  address(port: string): string;
}

/** Everything needed to make one node, as plain data: it is written into the run's record. */
export interface Recipe {
  /** What to run. On `local`, the first word is looked up on the PATH of this machine. */
  readonly command: readonly string[];
  /** The container's image. Needed by `docker` alone. */
  readonly image?: string;
  /** How to make the image where it does not exist yet. */
  readonly build?: ImageBuild;
  readonly env?: Readonly<Record<string, string>>;
  /** Small files written before the node first starts, by path inside {@link Member.data}. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * What the node's machine is to have for the run: by where each lies beneath {@link Member.brought}, its path on this machine.
   * For `ssh` alone: elsewhere nodes see this machine's files, or have an image.
   */
  readonly bring?: Readonly<Record<string, string>>;
  /** Paths inside the node, fetched into the run's record when it ends, beside what it printed. */
  readonly logs?: readonly string[];
}

export interface ImageBuild {
  /** The folder sent to the engine, absolute. */
  readonly context: string;
  /** Path of the Dockerfile inside it. Default `Dockerfile`. */
  readonly dockerfile?: string;
  readonly args?: Readonly<Record<string, string>>;
  /** Debian images that it starts from, made locally where no registry answers: `debian:bookworm-slim`. */
  readonly bases?: readonly string[];
  /** More files for the context, by their path in it: the absolute path of each on this machine. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Disposing a cluster heals it, fetches its logs, and leaves nothing behind. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly Node[];
  readonly network: Network;
  /**
   * Keep what the nodes have in their data folders: `nodes/<name>/data` in the run's folder is then there when the cluster
   * is not. Asked once, of nodes that are all dead. What a node wrote is no one's to trust, so that only regular files and
   * folders are kept. Answers what is missing, in words; none where all is there. Only where nodes have folders, which
   * those in the simulation have not.
   */
  keepData?(): Promise<readonly string[]>;
  /**
   * Be told whenever a node takes a role, as it happens. Returns the way out. Only where nodes are objects in this
   * process; elsewhere, the system is asked for its leaders five times a second.
   */
  watchRoles?(told: (node: string, role: string, term: number | undefined) => void): () => void;
}

/** `dead`: its process is gone. `paused`: it is there and gets no time. */
export type NodeState = 'running' | 'paused' | 'dead';

export interface Node {
  readonly name: string;
  /** `host:port`, as the harness sees it. */
  address(port: string): string;
  /** Start it again after {@link kill}, with the data it had. Does nothing to a node that runs. */
  start(): Promise<void>;
  /** `kill -9`, at once and without warning. Resolves when the process is gone. */
  kill(): Promise<void>;
  /**
   * Ask it to end, as an operator would, and kill it if it has not after so long. Resolves when its processes are gone. Only
   * where the runtime can `stop`.
   */
  stop?(patienceMs: number): Promise<'ended' | 'killed'>;
  /** Stop every process of the node from getting any time. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Looked up, not remembered: what the operating system says now. It is the evidence for kill and pause. */
  state(): Promise<NodeState>;
  /** The last lines it wrote, oldest first, for errors. */
  lastLines(count?: number): readonly string[];
  /** Only where the runtime can `disk`, and was asked for disks that can fail. */
  readonly disk?: NodeDisk;
  /** Only where the runtime can `limit`. */
  readonly limits?: NodeLimits;
  /** Only where the runtime can `group`. */
  readonly group?: NodeGroup;
  /** Only where the runtime can `clock`. */
  readonly clock?: NodeClock;
  /** As the other members see it. Only where the runtime can `write`. */
  readonly member?: Member;
  /** Write small files, by path inside its data folder, also while it is dead. Only where the runtime can `write`. */
  write?(files: Readonly<Record<string, string>>): Promise<void>;
  /** Run something in the node's place: its network, its files. Only where the runtime can `exec`. */
  exec?(
    command: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Ask the node an operation directly. Only where nodes are objects in this process: the simulation. */
  ask?(process: number, f: string, key: Key, value: unknown, signal: AbortSignal): Promise<unknown>;
}

/** What a process may have of the machine: open files and connections; bytes of address space. */
export type Resource = 'files' | 'memory';

/** What the processes of one node may have. Their next lives may have as much as usual. */
export interface NodeLimits {
  /** Allow each of them no more than it has now, and `spare` on top. */
  tighten(what: Resource, spare: number): Promise<void>;
  /** Allow them as much as before. */
  relax(what: Resource): Promise<void>;
  /** What the operating system says now. Of a dead node, nothing. */
  read(what: Resource): Promise<readonly Allowance[]>;
  /**
   * Have each of them ask for more, as if it had wanted it, and give it back: so many more files, or a mapping of so many bytes.
   * Answers how it was refused; or why it could not be asked: it stands still, or this processor is another. Of a dead node, nothing.
   */
  request(what: Resource, amount: number): Promise<readonly Requested[]>;
}

/** All processes of a node together, in this life of it, as the kernel's control groups hold them. */
export interface NodeGroup {
  /** Let them have no more than a share of one processor; without one, as much as there is. */
  squeeze(share: number | undefined): Promise<void>;
  /** Have a program beside them want a processor for so long: what share of one it got, and in how many periods all were held back. */
  burn(ms: number): Promise<{ readonly share: number; readonly held: number }>;
  /** Let them have hardly more memory than they have, and have something beside them want more: the kernel kills them. Answers what it left. */
  starve(): Promise<string>;
}

/** What became of a process's request. With neither, it was granted. */
export interface Requested {
  readonly process: string;
  /** `EMFILE`. */
  readonly refused?: string;
  readonly unasked?: string;
}

/** Of one process. */
export interface Allowance {
  /** `etcd (812)`. */
  readonly process: string;
  /** Infinity where there is no limit. */
  readonly may: number;
  readonly has: number;
}

export type DiskOperation = 'read' | 'write' | 'sync';

/** What is wrong with an operation. Without anything, nothing is. */
export interface DiskTrouble {
  readonly error?: 'EIO' | 'ENOSPC';
  /** From 0 to 1, how many fail with it. Default 1. */
  readonly share?: number;
  /** How much longer each takes. */
  readonly delayMs?: number;
}

export type Damage = { readonly flip: readonly number[] } | { readonly cut: number };

/** What is on a disk and not durable. */
export interface Planted {
  readonly pages: number;
  readonly names: number;
}

/** The disk that a node's data folder is on. */
export interface NodeDisk {
  /**
   * Lose what was written and not synced, as when the power fails. For a node that is dead. Each page of it survives with a
   * probability of `pages`. Of what was done to names (files made, moved, removed) since their folder was synced, a share of `names`
   * is kept, the oldest. Answers how many pages were lost, how many survived, and how many changes of names were taken back.
   */
  crash(keep: {
    readonly pages: number;
    readonly names: number;
  }): Promise<{ readonly lost: number; readonly kept: number; readonly unnamed: number }>;
  /** What is there now is durable: for who puts files there that no node has to sync. */
  settle(): Promise<void>;
  /** From now on, this is wrong with an operation. */
  trouble(operation: DiskOperation, trouble: DiskTrouble): Promise<void>;
  /** Do it once, to a file that is not the node's, and say how it went. */
  try(operation: DiskOperation): Promise<{ readonly ms: number; readonly error?: string }>;
  /** Write some pages, in a file that is not the node's, and then name another, so that a crash would take them away. */
  plant(): Promise<Planted>;
  /** How much of it is there. */
  harvest(): Promise<Planted>;
  /** The node's regular files that are not empty, by their paths in its data folder, and their sizes. */
  files(): Promise<readonly { readonly path: string; readonly size: number }[]>;
  /** Flip bits of a file, counted from its beginning, or cut bytes off its end: durably. For a node that is dead. */
  damage(path: string, how: Damage): Promise<void>;
  /** Read again: what is not as it was before it was damaged, and how many bytes of it. */
  damaged(): Promise<readonly { readonly path: string; readonly bytes: number }[]>;
  /** Undo all damage; but what somebody has changed since is left as it is. Answers the paths of that. For a node that is dead. */
  mend(): Promise<readonly string[]>;
}

/** Where the harness's clients are: it stands for them at the end of a link, where otherwise a node's name does. */
export const CLIENTS = 'clients';

/** The links between nodes, and those between the clients and each node. */
export interface Network {
  /** From now on, nothing sent over exactly these links arrives, silently; everything else passes. Idempotent. */
  setCuts(cuts: readonly Link[]): Promise<void>;
  /** For each link, whether something sent over it now arrives. The evidence for a cut and for its heal. */
  probe(links: readonly Link[]): Promise<readonly boolean[]>;
  /**
   * From now on, what is sent over these links is carried as each says, and over all others as usual. Idempotent. Where the
   * runtime can `shape`.
   */
  setShaping?(links: readonly ShapedLink[]): Promise<void>;
  /** Send a row of datagrams over a link, and see what becomes of them. Where the runtime can `shape`. */
  measure?(link: Link, row: Row): Promise<Passage>;
  /** Whether a connection over a link, on which something is sent all the while, holds for so long. As {@link measure}. */
  converse?(link: Link, ms: number): Promise<'held' | 'reset' | 'silent'>;
}

/** One direction: what `from` sends to `to`. Each is a node's name, or {@link CLIENTS}. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** How a link carries what is sent over it. What is not said is as usual. */
export interface Shaping {
  readonly delayMs?: number;
  /** So much sooner or later, evenly; what is sent later may arrive before. */
  readonly jitterMs?: number;
  /** Shares of packets, from 0 to 1. */
  readonly loss?: number;
  readonly duplicate?: number;
  /** One bit of the packet is flipped; where it has a checksum, its receiver drops it. */
  readonly corrupt?: number;
  /** Sent without the delay, so that they overtake. */
  readonly reorder?: number;
  /** Of TCP packets: each of these ends its connection, for both ends. */
  readonly reset?: number;
  /** What comes faster waits, for up to half a second; what would wait longer is lost. */
  readonly bytesPerSecond?: number;
  /** Keep what carries data; acknowledgements pass. It arrives, all of it and in order, when the link is held no longer. */
  readonly hold?: boolean;
}

export type ShapedLink = Link & Shaping;

/** A row of datagrams to be sent over a link. */
export interface Row {
  readonly count: number;
  readonly everyMs: number;
  /** Of each, without headers. At least 64. */
  readonly bytes: number;
  /** How long the last of them is waited for. */
  readonly waitMs: number;
}

/** What became of a row of datagrams. */
export interface Passage {
  readonly sent: number;
  /** As they were sent, at least once. */
  readonly arrived: number;
  /** How many more often than once. */
  readonly again: number;
  /** Arrived, and were not as they were sent. */
  readonly altered: number;
  /** Arrived after one that was sent after them. */
  readonly overtaken: number;
  /** Of those that arrived, in the order in which they were sent. */
  readonly delaysMs: readonly number[];
}

/** What a runtime can say about the machine itself. Each runtime's file exports one beside the runtime. */
export interface Upkeep {
  /** What runs have left on this machine: containers, networks, rules, folders, processes. */
  leftovers(): Promise<readonly Leftover[]>;
  /** What this machine can do for the runtime, tried in scratch places, one line each. */
  diagnose(): Promise<readonly Diagnosis[]>;
}

export interface Leftover {
  /** `container labrys-2026…-n1`. */
  readonly what: string;
  readonly run: string;
  /** Whether the harness that made it still runs; such a thing is not removed without being named. */
  readonly inUse: boolean;
  remove(): Promise<void>;
}

export interface Diagnosis {
  /** `docker engine`, `network namespaces without root`. */
  readonly what: string;
  /** What faults need it for. Without it, the whole runtime needs it. */
  readonly capability?: Capability;
  readonly works: boolean;
  /** What it works through, or why it does not. */
  readonly detail: string;
  /** What to do, where it does not. */
  readonly hint?: string;
}
