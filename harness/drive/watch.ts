import type { Recorder } from '../record/recorder.ts';
import type { Cluster, Node } from '../runtime.ts';
import type { Leader } from '../system.ts';
import type { Readiness } from './ready.ts';
import { messageOf, within } from './within.ts';

const everyMs = 200;
/** Looking at processes costs more than asking who leads. */
const statesEvery = 5;
const answerMs = 500;

/** A node's process ended, and no fault had ended it. */
export interface Crash {
  readonly node: string;
  /** Nanoseconds since the run began. */
  readonly time: number;
  readonly lastLines: readonly string[];
}

export interface WatchRequest extends Readiness {
  readonly cluster: Cluster;
  readonly recorder: Recorder;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
  /** Whether a fault has, or may have, taken this node down. */
  readonly excused: (node: string) => boolean;
}

/**
 * Looks at the nodes meanwhile, and marks what it sees: who takes which role, and who died of itself. Nothing waits for
 * it, and a node that does not answer is not waited for.
 */
export class Watch {
  readonly crashes: Crash[] = [];
  readonly #request: WatchRequest;
  readonly #waiting = new Set<(role: string) => void>();
  readonly #dead = new Set<string>();
  #leaders = new Map<string, Leader>();
  #silent = false;

  constructor(request: WatchRequest) {
    this.#request = request;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, system, time } = this.#request;
    const unwatch = cluster.watchRoles?.((node, role, term) => {
      if (signal.aborted) return;
      this.#took(node, role, term);
    });
    try {
      for (let round = 0; !signal.aborted; round++) {
        if (!cluster.watchRoles && system.leaders) await this.#lookForLeaders(signal);
        if (round % statesEvery === statesEvery - 1) await this.#lookForDead();
        await time.sleep(everyMs, signal).catch(() => {});
      }
    } finally {
      unwatch?.();
    }
  }

  /** Who leads among these nodes, asked now; each by itself, so that one that is silent holds up no other for long. */
  async leaders(
    signal: AbortSignal,
    among: readonly Node[] = this.#request.cluster.nodes,
  ): Promise<readonly Leader[]> {
    const { system, settings, time } = this.#request;
    const { leaders } = system;
    if (!leaders) return [];
    const asked = among.map((node) =>
      within(time, answerMs, signal, (one) => leaders([node], { settings, time, signal: one })),
    );
    const answers = await Promise.allSettled(asked);
    if (answers.every(({ status }) => status === 'rejected')) await Promise.all(asked);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  }

  /** Which of these nodes say that they have a role, asked now, all at once. */
  async inRole(role: string, signal: AbortSignal, among: readonly Node[]): Promise<readonly Node[]> {
    const { system, settings, time } = this.#request;
    const { roles } = system;
    if (!roles) return [];
    const said = await Promise.all(
      among.map((node) =>
        within(time, answerMs, signal, (one) => roles.of(node, { settings, time, signal: one })).catch(
          () => undefined,
        ),
      ),
    );
    return among.filter((_, i) => said[i] === role);
  }

  /** Resolves when some node is next seen to take this role. */
  taken(role: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#waiting.delete(seen);
        signal.removeEventListener('abort', giveUp);
      };
      const seen = (taken: string): void => {
        if (taken !== role) return;
        done();
        resolve();
      };
      const giveUp = (): void => {
        done();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return giveUp();
      this.#waiting.add(seen);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  async #lookForLeaders(signal: AbortSignal): Promise<void> {
    let found: readonly Leader[];
    try {
      found = await this.leaders(signal);
      this.#silent = false;
    } catch (error) {
      // Said once: while nobody answers, nobody answers five times a second.
      if (!this.#silent && !signal.aborted)
        this.#request.log({ message: 'nobody could say who leads', error: messageOf(error) });
      this.#silent = true;
      return;
    }
    if (signal.aborted) return;
    const now = new Map(found.map((leader) => [leader.node, leader]));
    for (const [node] of this.#leaders) if (!now.has(node)) this.#mark(node, 'no longer leads', 'other');
    for (const { node, term } of found) {
      const before = this.#leaders.get(node);
      if (before === undefined || before.term !== term) this.#took(node, 'leader', term);
    }
    this.#leaders = now;
  }

  #took(node: string, role: string, term: number | undefined): void {
    const what = role === 'leader' ? 'leads' : `is ${role}`;
    this.#mark(node, term === undefined ? what : `${what} in term ${term}`, role, term);
    for (const seen of this.#waiting) seen(role);
  }

  #mark(node: string, what: string, role: string, term?: number): void {
    const details = { role, ...(term !== undefined && { term }) };
    this.#say('role', `${node} ${what}`, node, details);
  }

  async #lookForDead(): Promise<void> {
    const { cluster, time, excused, log } = this.#request;
    await Promise.all(
      cluster.nodes.map(async (node: Node) => {
        if (excused(node.name)) return void this.#dead.delete(node.name);
        const state = await within(time, answerMs, undefined, () => node.state()).catch(() => undefined);
        // A fault may have come while it was looked up.
        if (state === undefined || excused(node.name)) return;
        if (state !== 'dead') return void this.#dead.delete(node.name);
        if (this.#dead.has(node.name)) return;
        this.#dead.add(node.name);
        const lastLines = node.lastLines(20);
        this.crashes.push({ node: node.name, time: time.now(), lastLines });
        log({ node: node.name, message: 'died, and no fault had killed it', lastLines });
        this.#say('crash', `${node.name} died, and no fault had killed it`, node.name, { lastLines });
      }),
    );
  }

  #say(name: string, what: string, node: string, details: Readonly<Record<string, unknown>>): void {
    try {
      this.#request.recorder.mark(name, what, { nodes: [node], details });
    } catch {
      // The history cannot be written any more. Whoever drives the load is told, and stops the run.
    }
  }
}
