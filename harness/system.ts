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
