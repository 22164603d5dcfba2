import { EnvironmentError } from '../errors.ts';
import type { Evidence, Fault, Field, Injection, Strike } from '../fault.ts';
import type { Plan } from '../plan/plan.ts';
import { sharedCuts, sharedShaping } from '../provision/links.ts';
import { seeded } from '../random.ts';
import type { HealJournal } from '../record/heal-journal.ts';
import type { MarkExtra } from '../record/lines.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Cluster, Node } from '../runtime.ts';
import { deadline, type Time } from '../time.ts';
import { Account } from './account.ts';
import type { Watch } from './watch.ts';
import { messageOf, within } from './within.ts';

const injectMs = 30_000;
const healMs = 90_000;
/** While everything is healed, each heal has so long before the next begins: one may have to wait for another. */
const headStartMs = 1000;

export interface NemesisRequest {
  readonly plan: Plan;
  readonly faults: readonly Fault[];
  readonly cluster: Cluster;
  readonly time: Time;
  readonly recorder: Recorder;
  readonly journal: HealJournal;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
  readonly watch: Watch;
  /** Start a node again and wait for it, as long as that makes sense. */
  readonly restart: (node: Node) => Promise<void>;
  /** See {@link Field.acknowledged}. */
  readonly acknowledged: () => number;
  /** See {@link Field.hush}. */
  readonly hush: Field['hush'];
  /** See {@link Field.divert}. */
  readonly divert: Field['divert'];
  /** What the system offers beyond the least. */
  readonly offers: Pick<Field, 'members' | 'chores' | 'arm'>;
}

export interface StrikeCounts {
  readonly planned: number;
  /** Seen by a probe to have taken effect. */
  readonly confirmed: number;
  /** Struck, or tried to, and nobody saw whether it took effect. */
  readonly unconfirmed: number;
  /** Found nothing to do: no leader to hit, a majority that has to stay up. */
  readonly skipped: number;
  /** The phase was over before they were due, or before what they were aimed at happened. */
  readonly missed: number;
}

/** A fault in force, on the stack. */
interface InForce {
  readonly strike: Strike;
  readonly injection: Injection;
  readonly mark: number | undefined;
  /** Takes it off the account. */
  readonly settle: () => void;
  healing: Promise<void> | undefined;
}

/**
 * Executes the strikes of a plan, and owes a heal for each.
 *
 * ```
 *  at ──► (aimed: somebody takes the role, + afterMs) ─► inject ──► lasting ──► heal
 *                                                       one at a time          whenever it is due
 * ```
 *
 * Injections wait for each other, so that each knows what is impaired already; heals do not, because one may take as
 * long as a node needs to become ready, which may need another heal.
 */
export class Nemesis {
  readonly #request: NemesisRequest;
  readonly #cut: Field['cut'];
  readonly #shape: Field['shape'];
  readonly #stack: InForce[] = [];
  readonly #account: Account;
  readonly #counts = { confirmed: 0, unconfirmed: 0, skipped: 0, missed: 0 };
  #last: Promise<unknown> = Promise.resolve();
  #injecting = 0;
  #strikes: Promise<unknown> = Promise.resolve();

  constructor(request: NemesisRequest) {
    this.#request = request;
    this.#account = new Account(request.cluster.nodes.map(({ name }) => name));
    this.#cut = sharedCuts(request.cluster.network).add;
    this.#shape = sharedShaping(request.cluster.network).add;
  }

  get counts(): StrikeCounts {
    return { planned: this.#request.plan.strikes.length, ...this.#counts };
  }

  /** What is in force, in words. */
  get inForce(): readonly string[] {
    return this.#stack.map(({ strike, injection }) => `${strike.fault} ${injection.what}`);
  }

  /** Whether a fault has hit this node, or is just being injected and may have. */
  mayHaveHit(node: string): boolean {
    return this.#injecting > 0 || this.#account.hitBy(['kill']).has(node);
  }

  /** From now on, until the signal is aborted. */
  begin(signal: AbortSignal): void {
    const { plan } = this.#request;
    this.#strikes = Promise.all(plan.strikes.map((strike) => this.#strike(strike, signal)));
  }

  /** Heals whatever is in force, the last first; and what is then just being injected, too. Call it when the signal of {@link begin} is aborted. */
  async healAll(): Promise<void> {
    const { time, cluster, plan } = this.#request;
    if (plan.strikes.length === 0) return;
    await this.#last;
    const heals = [];
    for (const one of this.#stack.toReversed()) {
      const heal = this.#heal(one);
      heals.push(heal);
      await Promise.race([heal, time.sleep(headStartMs)]);
    }
    await Promise.all(heals);
    await this.#strikes;
    // Whatever a fault left undone: of links, that much can be told from here.
    await within(time, healMs, undefined, async () => {
      await cluster.network.setCuts([]);
      await cluster.network.setShaping?.([]);
    });
    const [unhealed] = this.#stack;
    if (unhealed)
      throw new EnvironmentError(
        `${unhealed.strike.fault} (${unhealed.injection.what}) could not be healed; see run.log`,
        {
          hint: 'The history up to here can be judged: `labrys check`. `labrys clean` takes the nodes down.',
        },
      );
  }

  async #strike(strike: Strike, signal: AbortSignal): Promise<void> {
    const { time, watch } = this.#request;
    try {
      await time.sleep(strike.atMs, signal);
      if (strike.aim) {
        // Nobody may ever take the role. A strike that was planned comes then without it: it is no use for waiting.
        using patience = deadline(time, strike.lastingMs, signal);
        const taken = await watch.taken(strike.aim.role, patience.signal).then(
          () => true,
          () => false,
        );
        signal.throwIfAborted();
        if (taken) await time.sleep(strike.aim.afterMs, signal);
      }
    } catch {
      this.#counts.missed++;
      return;
    }
    const next = this.#last.then(() => this.#inject(strike, signal));
    this.#last = next;
    const inForce = await next;
    if (!inForce) return;
    if (inForce.injection.over !== true) await time.sleep(strike.lastingMs, signal).catch(() => {});
    // When the phase is over, the whole stack is healed, in its order.
    if (!signal.aborted) await this.#heal(inForce);
  }

  async #inject(strike: Strike, signal: AbortSignal): Promise<InForce | undefined> {
    const { faults, time, log, journal } = this.#request;
    const { number, variant } = strike;
    if (signal.aborted) {
      this.#counts.missed++;
      return undefined;
    }
    this.#injecting++;
    const since = time.now();
    try {
      const fault = faults.find(({ name }) => name === strike.fault);
      if (!fault) throw new Error(`there is no fault called ${strike.fault}`);
      journal.begun({ strike: number, fault: strike.fault, variant });
      let abandoned = false;
      const injection = await within(time, injectMs, undefined, async () => {
        const late = await fault.inject(this.#field(strike, signal), variant);
        if (abandoned) await late.heal();
        return late;
      }).catch((error: unknown) => {
        abandoned = true;
        throw error;
      });
      return await this.#applied(strike, this.#borne(strike, injection), fault, since);
    } catch (error) {
      const evidence: Evidence = { outcome: 'indeterminate', because: messageOf(error) };
      this.#counts.unconfirmed++;
      log({
        strike: number,
        fault: strike.fault,
        variant,
        message: 'could not be injected',
        error: messageOf(error),
      });
      this.#mark('failed', `${strike.fault} ${variant}: ${messageOf(error)}`, {
        details: { fault: strike.fault, variant, strike: number, evidence, since },
      });
      return undefined;
    } finally {
      this.#injecting--;
    }
  }

  async #applied(
    strike: Strike,
    injection: Injection,
    fault: Fault,
    since: number,
  ): Promise<InForce | undefined> {
    const { log, journal } = this.#request;
    const { number, variant } = strike;
    const { what, nodes, evidence } = injection;
    const details = { fault: strike.fault, variant, strike: number, evidence, since };
    log({ strike: number, fault: strike.fault, variant, what, nodes, evidence });
    if (evidence.outcome === 'skipped') {
      this.#counts.skipped++;
      this.#mark('skipped', `${strike.fault} ${variant}: ${evidence.because}`, { details });
      await injection.heal();
      journal.healed(number);
      return undefined;
    }
    this.#counts[evidence.outcome === 'confirmed' ? 'confirmed' : 'unconfirmed']++;
    const inForce: InForce = {
      strike,
      injection,
      mark: this.#mark('fault', `${strike.fault} ${what}`, { nodes, details }),
      settle: this.#account.add(injection, fault),
      healing: undefined,
    };
    this.#stack.push(inForce);
    journal.applied(number, what, nodes);
    return inForce;
  }

  /** Heals once, however often it is called, and tries again once where that fails. Never rejects: what is left stays on the stack. */
  #heal(inForce: InForce): Promise<void> {
    inForce.healing ??= this.#healNow(inForce);
    return inForce.healing;
  }

  async #healNow(inForce: InForce): Promise<void> {
    const { time, log, journal } = this.#request;
    const { strike, injection, mark } = inForce;
    const since = time.now();
    for (let tries = 2; ; tries--) {
      try {
        const evidence = await within(time, healMs, undefined, () => injection.heal());
        const at = this.#stack.indexOf(inForce);
        if (at >= 0) this.#stack.splice(at, 1);
        inForce.settle();
        log({ strike: strike.number, fault: strike.fault, message: 'healed', evidence });
        this.#mark('heal', `${strike.fault} ${injection.what}`, {
          ...(mark !== undefined && { ends: mark }),
          nodes: injection.nodes,
          details: { fault: strike.fault, strike: strike.number, since, ...(evidence && { evidence }) },
        });
        journal.healed(strike.number);
        return;
      } catch (error) {
        log({
          strike: strike.number,
          fault: strike.fault,
          message: 'could not be healed',
          error: messageOf(error),
        });
        if (tries <= 1) return;
      }
    }
  }

  #field(strike: Strike, signal: AbortSignal): Field {
    const { cluster, time, plan, watch, restart } = this.#request;
    const random = seeded(plan.seed).fork(`strike ${strike.number}`);
    return {
      nodes: cluster.nodes,
      network: cluster.network,
      cut: this.#cut,
      shape: this.#shape,
      random,
      time,
      signal,
      quorum: this.#sparing(strike) ? 'never' : 'always',
      losses: this.#account.losses,
      // Whoever is cut off may well be killed, too; but not where others are wanted.
      impaired: this.#account.hitBy(strike.others ? ['kill', 'pause', 'cut'] : ['kill', 'pause']),
      leaders: (among) => watch.leaders(signal, among),
      inRole: (role, among) => watch.inRole(role, signal, among),
      acknowledged: this.#request.acknowledged,
      hush: this.#request.hush,
      divert: this.#request.divert,
      ...this.#request.offers,
      note: (what, nodes) =>
        void this.#mark('step', what, { nodes, details: { fault: strike.fault, strike: strike.number } }),
      restart,
    };
  }

  /** Whether it has to leave a majority. */
  #sparing({ number, others }: Strike): boolean {
    const { quorum, seed } = this.#request.plan;
    const random = seeded(seed).fork(`strike ${number}`).fork('quorum');
    return quorum === 'never' || (quorum === 'mix' && !others && random.fraction() < 0.5);
  }

  /** A fault that does not look at what others take, and takes too much with them, is healed at once. */
  #borne(strike: Strike, injection: Injection): Injection {
    if (!this.#sparing(strike) || injection.evidence.outcome === 'skipped' || this.#account.bears(injection))
      return injection;
    const because = `a majority has to stay up, and ${injection.what} would have left none`;
    return { ...injection, evidence: { outcome: 'skipped', because } };
  }

  #mark(name: string, what: string, extra: MarkExtra): number | undefined {
    try {
      return this.#request.recorder.mark(name, what, extra);
    } catch {
      // The history cannot be written any more; that ends the load, and must not keep anything from being healed.
      return undefined;
    }
  }
}
