import type { ClientBinding } from '../client.ts';
import type { Phase } from '../plan/plan.ts';
import { seeded, type Random } from '../random.ts';
import { noJournal } from '../record/heal-journal.ts';
import type { Node } from '../runtime.ts';
import { Load } from './load.ts';
import { restoreMembers } from './members.ts';
import { Nemesis } from './nemesis.ts';
import { collectMail } from './postman.ts';
import { offersOf } from './offers.ts';
import { recover, untilReady } from './ready.ts';
import type { DriveRequest, DriveSummary, Stage } from './request.ts';
import { generatorOf } from './source.ts';
import { Watch } from './watch.ts';
import { messageOf, within } from './within.ts';

/** After the heal, connections that waited for each other find together again before anyone is asked for the last word. */
const settleMs = 1000;
const startMs = 30_000;
const progressMs = 250;

/** One drive, from the first operation to the last. */
export class Run {
  readonly #request: DriveRequest;
  readonly #random: Random;
  readonly #began: number;
  readonly #watch: Watch;
  readonly #nemesis: Nemesis;
  readonly #load: Load;
  #stage: Stage = 'main';
  #told = -Infinity;

  constructor(request: DriveRequest, binding: ClientBinding) {
    const { plan, cluster, workload, journal = noJournal } = request;
    this.#request = request;
    this.#random = seeded(plan.seed);
    this.#began = request.time.now();
    this.#watch = new Watch({ ...request, excused: (node) => this.#nemesis.mayHaveHit(node) });
    this.#nemesis = new Nemesis({
      ...request,
      journal,
      watch: this.#watch,
      restart: (node) => this.#restart(node),
      acknowledged: () => this.#load.acknowledged,
      hush: (nodes) => this.#load.hush(nodes),
      divert: (nodes) => this.#load.divert(nodes),
      offers: offersOf(request, cluster.nodes),
    });
    this.#load = new Load(
      {
        ...request,
        binding,
        nodes: cluster.nodes,
        limitMs: plan.deadlineMs,
        clients: plan.clients,
        deadlineMs: plan.deadlineMs,
        reads: new Set(workload.reads),
        shares: workload.defaults,
        random: this.#random,
      },
      () => this.#tell(),
    );
  }

  async drive(): Promise<DriveSummary> {
    const { time, signal, cluster, mailLog } = this.#request;
    const over = new AbortController();
    const watched = Promise.all([
      this.#watch.run(over.signal),
      mailLog && collectMail({ ...this.#request, nodes: cluster.nodes, mailLog }, over.signal),
    ]);
    let failure = await this.#phases();
    over.abort(new Error('the run is over'));
    await watched;
    const loop = await this.#load.close();
    failure ??= this.#mark(() => {
      const { recorder } = this.#request;
      if (loop.coarse)
        recorder.mark('coarse', `the event loop was up to ${loop.maxMs} ms late`, { details: { ...loop } });
      recorder.mark('phase', 'end');
    });
    return {
      interrupted: signal.aborted,
      ...(failure && { failure }),
      operations: { ...this.#load.counts },
      strikes: this.#nemesis.counts,
      crashes: this.#watch.crashes,
      loop,
      seconds: (time.now() - this.#began) / 1e9,
    };
  }

  /** Answers why they ended early, if they did. */
  async #phases(): Promise<Error | undefined> {
    const { plan, workload, recorder, signal, log } = this.#request;
    try {
      for (const phase of plan.phases) {
        if (signal.aborted) return undefined;
        const random = this.#random.fork(`source ${phase.name}`);
        const { options } = plan.workload;
        const source =
          phase.name === 'main' ? workload.main(options, random) : workload.final?.(options, random);
        if (source === undefined) continue;
        if (phase.name === 'final') await this.#recover();
        if (signal.aborted) return undefined;
        this.#stage = phase.name;
        recorder.mark('phase', phase.name);
        const asked = (): Promise<void> => this.#load.run(phase, generatorOf(source), signal);
        await (phase.weather === 'faulty' ? this.#underFaults(phase, asked) : asked());
      }
      return undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      log({ message: 'the run failed', error: failure.stack ?? failure.message });
      return failure;
    }
  }

  /** Faults come and go while operations are asked; when the time is up, whatever is left of them is healed. */
  async #underFaults(phase: Phase, asked: () => Promise<void>): Promise<void> {
    const { time, signal } = this.#request;
    const over = new AbortController();
    const end = (): void => over.abort(new Error('the phase is over'));
    signal.addEventListener('abort', end, { once: true });
    const timer = phase.seconds === undefined ? undefined : time.after(phase.seconds * 1000, end);
    this.#nemesis.begin(over.signal);
    // At once, and not when the last operation has ended: some wait for a node that is cut off.
    const healed = new Promise<void>((resolve, reject) => {
      over.signal.addEventListener('abort', () => void this.#nemesis.healAll().then(resolve, reject), {
        once: true,
      });
    });
    const results = await Promise.allSettled([asked().finally(end), healed]);
    timer?.cancel();
    signal.removeEventListener('abort', end);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #recover(): Promise<void> {
    const { plan, cluster, recorder, time, signal, log } = this.#request;
    this.#stage = 'healing';
    recorder.mark('phase', 'healing');
    try {
      if (plan.strikes.length > 0) await restoreMembers(this.#request, cluster.nodes, log);
      await recover(this.#request, cluster.nodes, signal, log);
      if (plan.strikes.length > 0) await time.sleep(settleMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #restart(node: Node): Promise<void> {
    const { time, signal } = this.#request;
    await within(time, startMs, undefined, () => node.start());
    // Nobody needs a node to be ready in a cluster that is about to be taken down.
    if (!signal.aborted) await untilReady(this.#request, node, signal);
  }

  #mark(mark: () => void): Error | undefined {
    try {
      mark();
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  #tell(): void {
    const { time, onProgress, log } = this.#request;
    const now = time.now();
    if (!onProgress || now - this.#told < progressMs * 1e6) return;
    this.#told = now;
    const { counts, underWay } = this.#load;
    try {
      const seconds = (now - this.#began) / 1e9;
      onProgress({ stage: this.#stage, seconds, ...counts, underWay, faults: this.#nemesis.inForce });
    } catch (error) {
      log({ message: 'the view failed', error: messageOf(error) });
    }
  }
}
