import type { Loss } from './quorum.ts';
import type { Random } from './random.ts';
import type { Capability, Cluster, Link, Node, ShapedLink } from './runtime.ts';
import type { Leader, Offer, Seat, Standing, System } from './system.ts';
import type { Time } from './time.ts';

/** Something that goes wrong. One file in `nemesis/` exports one. */
export interface Fault {
  readonly name: string;
  /** One line for `labrys list`. */
  readonly about: string;
  /** How it is seen to take effect, for the table of faults. */
  readonly proof?: string;
  /** A runtime without all of these cannot do it, and the run says so before it starts. */
  readonly needs: readonly Capability[];
  /** What it asks of a system. One that offers less cannot have it, and the run says so before it starts. */
  readonly asks?: readonly Offer[];
  /** The ways it can strike (`halves`, `bridge`; `one`, `leader`), of which the seed picks unless `--nemesis name:variant` does. */
  readonly variants: readonly string[];
  /** Where the ways are the system's own. */
  variantsOf?(system: Pick<System, Offer>): readonly string[];
  /** How long {@link inject} takes, where that is long because it does a whole scenario: strikes are planned around it. */
  readonly takesMs?: number;
  inject(field: Field, variant: string): Promise<Injection>;
}

/** What a fault may look at and act on. */
export interface Field {
  readonly nodes: readonly Node[];
  readonly network: Cluster['network'];
  /** Cut these links too, whatever else is cut; the function returned takes back this cut alone. */
  cut(links: readonly Link[]): Promise<() => Promise<void>>;
  /** Shape these links too; where others have shaped them already, both hold. Returns the way to take this back alone. */
  shape(links: readonly ShapedLink[]): Promise<() => Promise<void>>;
  /** This strike's own stream, so that it chooses the same whatever other strikes did. */
  readonly random: Random;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** With `never`, a fault leaves a majority of nodes up and connected, counting what those in force take already. */
  readonly quorum: Quorum;
  /** What the faults that are in force take. */
  readonly losses: readonly Loss[];
  /** Nodes that are down or paused already, by earlier faults that still last. */
  readonly impaired: ReadonlySet<string>;
  /** Who leads, as far as these nodes can tell; all of them, unless it says. */
  leaders(among?: readonly Node[]): Promise<readonly Leader[]>;
  /** Which of these nodes say that they have a role, one of those that the system tells of. */
  inRole(role: string, among: readonly Node[]): Promise<readonly Node[]>;
  /**
   * Ask nothing of these nodes until the function returned is called: what is under way goes on. For scenarios in which it
   * matters who asks when; clients that wait for an answer could not ask at the right moment.
   */
  hush(nodes: readonly string[]): () => void;
  /** Its members, to be changed. Where the system offers that; see {@link Fault.asks}. */
  readonly members?: Members;
  /** Do one of the chores of the system's operators at a node; answers what was seen of it. See {@link System.admin}. */
  readonly chores?: Readonly<Record<string, { readonly atLeader: boolean; run(at: Node): Promise<string> }>>;
  /** Globs of the files that are worth damaging, in a node's data folder. See {@link System.files}. */
  readonly files?: readonly string[];
  /** Have a node die when it next comes to a place in its code; never, where the name is empty. See {@link Failpoints}. */
  readonly arm?: (node: Node, failpoint: string) => Promise<void>;
  /**
   * Let the clients of these nodes ask others until the function returned is called, as clients do that are told who is in.
   */
  divert(nodes: readonly string[]): () => void;
  /** How many operations that change something have been acknowledged so far. */
  acknowledged(): number;
  /** Write into the history what has just been done to these nodes: for faults that go on for a while. */
  note(what: string, nodes: readonly string[]): void;
  /** Start a killed node, and wait until its system says that it is ready again. */
  restart(node: Node): Promise<void>;
}

/** The members of the system, as it lets them be changed; see {@link Membership}. */
export interface Members {
  /** Who is in, as this node has it now. Rejects where it does not answer. */
  list(at: Node): Promise<readonly Seat[]>;
  /** Ask one node once to let another go. */
  remove(node: Node, at: Node): Promise<void>;
  /**
   * Have a node in, whatever it was: asked of every other node, for up to a minute. One that is out comes back empty, a
   * learner gets its vote, and a voter that is ready is left alone. Resolves when a voter is ready, and a learner started.
   */
  join(node: Node, as: Standing): Promise<void>;
  /** Whether there can be members without a vote. */
  readonly learners: boolean;
}

/** May faults take a majority down? `mix` lets the seed decide strike by strike. */
export type Quorum = 'never' | 'always' | 'mix';

/**
 * A fault in force, and the way out of it. Whoever injected it owes the heal: the harness
 * keeps every injection on a stack and unwinds it when the phase ends, when a run fails, and
 * on Ctrl-C. `heal` may be called twice, and after the node has died.
 */
export interface Injection {
  /** What was done, for the history and for people: `n1 n2 | n3 n4 n5`. */
  readonly what: string;
  /** The nodes that it hit: killed, paused, or on the smaller side of a cut. */
  readonly nodes: readonly string[];
  /** Whether a probe saw it take effect. */
  readonly evidence: Evidence;
  /** What a majority cannot count on while it lasts. Unless it says, all of its {@link nodes}. */
  readonly takes?: Loss;
  /** Nothing of it is in force any more: it was a scenario that has been played to its end. */
  readonly over?: boolean;
  heal(): Promise<Evidence | void>;
}

/** What a probe of the actual effect found: a blocked connection, a stopped process, a clock read inside the node. */
export type Evidence =
  | { readonly outcome: 'confirmed'; readonly how: string }
  | { readonly outcome: 'skipped' | 'indeterminate'; readonly because: string };

/** One fault at one moment: drawn from the seed before the run, and written into its plan. */
export interface Strike {
  /** Its place in the schedule; its randomness is named after it. */
  readonly number: number;
  readonly fault: string;
  readonly variant: string;
  /** Since the main phase began. */
  readonly atMs: number;
  readonly lastingMs: number;
  /**
   * Strike so long after a node was first seen in this role, at or after {@link atMs}. Where nobody takes it for
   * {@link lastingMs}, it strikes all the same.
   */
  readonly aim?: { readonly role: string; readonly afterMs: number };
  /**
   * It is meant for the others: nodes that no fault in force has hit, be it with a cut. Where the plan leaves it to the seed
   * whether a majority may go down, with this strike it may.
   */
  readonly others?: true;
}
