import type { ClientBinding } from './client.ts';
import type { Member, Node, Recipe, Runtime } from './runtime.ts';
import type { Settings } from './settings.ts';
import type { Time } from './time.ts';

export type { Settings } from './settings.ts';

/**
 * A system under test. This is the one file to write to test a protocol of your own:
 * how to start a node, how to tell that it is ready, and how each workload talks to it.
 */
export interface System {
  readonly name: string;
  /** One line for `labrys list`. */
  readonly about?: string;
  /** How many nodes, unless the command line says otherwise. Default 3. */
  readonly size?: number;
  /** The ports a node listens on, by purpose. */
  readonly ports: Readonly<Record<string, number>>;
  /** What `--option name=value` may set, with the value it has otherwise. */
  readonly options?: Readonly<Record<string, SystemOption>>;
  /** Mistakes that `--bug name` plants, each with a line that says what it breaks. */
  readonly bugs?: Readonly<Record<string, string>>;
  /** How long {@link ready} may take, in seconds. Default 30. */
  readonly readySeconds?: number;
  /** How one node is made. Pure: the same members give the same recipe. */
  recipe(self: Member, members: readonly Member[], settings: Settings): Recipe;
  /** Resolves when the node answers; rejects when it does not yet, and is asked again. Also after every restart. */
  ready(node: Node, context: Context): Promise<void>;
  /** Once, when every node is ready: create the table, join the members. */
  setup?(nodes: readonly Node[], context: Context): Promise<void>;
  /** The nodes that think they lead now, as far as can be told. Lets faults aim at them. */
  leaders?(nodes: readonly Node[], context: Context): Promise<readonly Leader[]>;
  /**
   * What this node has sent and been sent since `cursor`, the `next` of an earlier answer of its; '' is its beginning. For
   * the report, which draws messages between nodes where they are known. Asked four times a second.
   */
  mail?(node: Node, cursor: string, context: Context): Promise<MailBag>;
  /** The parts that its nodes may play beside leading, for faults to aim at: `--nemesis kill:@follower`. */
  readonly roles?: Roles;
  /** How members come and go. Lets the fault `membership` remove and replace them, and a run end with all of them. */
  readonly membership?: Membership;
  /** What its operators do to it while it runs, by name: `compact`, `snapshot`. Each is a variant of the fault `admin`. */
  readonly admin?: Readonly<Record<string, Chore>>;
  /** Places in its own code at which it can be made to die. Each is a variant of the fault `failpoint`. */
  readonly failpoints?: Failpoints;
  /**
   * Globs of the files in a node's data folder that hold what it must not lose: those that faults of files damage. Default all;
   * `--option files=` says otherwise, with commas.
   */
  readonly files?: readonly string[];
  readonly clients: readonly ClientBinding[];
  /** The same nodes under virtual time. Given by systems whose nodes are written on the kit. */
  simulation?(seed: number, settings: Settings): Simulation;
}

export interface SystemOption {
  readonly about: string;
  readonly default: string;
  /** Without it, any text will do. */
  readonly choices?: readonly string[];
}

export interface Context {
  readonly settings: Settings;
  readonly time: Time;
  readonly signal: AbortSignal;
}

export interface Leader {
  readonly node: string;
  readonly term?: number;
}

export interface MailBag {
  /** Nanoseconds, by the clock that the events are stamped with, when the node answered. */
  readonly at: number;
  readonly next: string;
  readonly events: readonly MailEvent[];
}

/** A message as the node sees it that sent it, or that it arrived at; an answer likewise. */
export type MailKind = 'sent' | 'arrived' | 'answered' | 'returned';

/** `number` and whoever asked name a message, and its answer as well; `at` is nanoseconds of the node's own clock. */
export type MailEvent = readonly [
  kind: MailKind,
  number: number,
  peer: string,
  name: string,
  term: number | null,
  at: number,
];
export interface Roles {
  /** Each in lower-case letters, digits and dashes. `leader` is one where the system knows its leaders, and need not be here. */
  readonly names: readonly string[];
  /** The one that a node has now, as it says. Rejects where it does not answer. */
  of(node: Node, context: Context): Promise<string | undefined>;
}

/** The roles that faults may be aimed at, of this system. */
export function rolesOf({ leaders, roles }: Pick<System, 'leaders' | 'roles'>): readonly string[] {
  return [...new Set([...(leaders === undefined ? [] : ['leader']), ...(roles?.names ?? [])])];
}

export interface Chore {
  readonly about: string;
  /** Asked of the leader alone, and not of any node. */
  readonly atLeader?: boolean;
  /**
   * Do it, asked of one node, and answer what was seen of it, by other means than that node's word: `n1: revision 40 is gone`.
   * Rejects where it is refused.
   */
  run(at: Node, context: Context): Promise<string>;
}

export interface Failpoints {
  /** Each with a line that says where it is. */
  readonly names: Readonly<Record<string, string>>;
  /** The next time that this node comes there, it dies, once. An empty name takes back what was said before. */
  arm(node: Node, name: string, context: Context): Promise<void>;
}

/** What a system may offer beyond the least, and faults may ask of it. */
export type Offer = 'membership' | 'admin' | 'failpoints';

/**
 * How the members of a running system change. Each method asks one node, and rejects where that does not answer or refuses;
 * it is then asked again, or another is.
 */
export interface Membership {
  /** Who is in, as this node has it now. */
  list(at: Node, context: MembershipContext): Promise<readonly Seat[]>;
  /** Ask a node to let this one go: nobody counts on it from then on. It may be dead. */
  remove(node: Node, at: Node, context: MembershipContext): Promise<void>;
  /**
   * Ask a node to take this one in, which is dead, and prepare it: when it is next started it joins, with nothing of what it
   * had. {@link Node.write} is there for that. As a learner, where that is asked for. Where it is in already, because an
   * earlier try was answered by nobody, that place is given up or used.
   */
  add(node: Node, at: Node, context: MembershipContext, as: Standing): Promise<void>;
  /** Ask a node to give a learner its vote. Only where the system knows learners. */
  promote?(node: Node, at: Node, context: MembershipContext): Promise<void>;
}

/** A learner is told everything and has no vote. */
export type Standing = 'voter' | 'learner';

/** One that is in. */
export interface Seat {
  readonly node: string;
  /** Another each time that it joins, where the system tells its members' lives apart. */
  readonly id: string;
  readonly standing: Standing;
}

export interface MembershipContext extends Context {
  /** All of them, in and out. */
  readonly nodes: readonly Node[];
}

/** A world of its own: its clock moves only inside {@link run}, and from the same seed everything in it is the same. */
export interface Simulation {
  readonly runtime: Runtime;
  readonly time: Time;
  /** Run `main` until it settles; everything that it awaits must belong to this world. */
  run<T>(main: () => Promise<T>): Promise<T>;
}

export function defineSystem(system: System): System {
  return system;
}
