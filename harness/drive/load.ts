import type { Operations, Outcome } from 'knossos-js';
import { LabrysError, UsageError } from '../errors.ts';
import type { Phase } from '../plan/plan.ts';
import type { Random } from '../random.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Node } from '../runtime.ts';
import type { Time, Timer } from '../time.ts';
import type { OperationGenerator } from '../workload.ts';
import { Lane, type Opening } from './lane.ts';
import { isNotApplied, Operation } from './operation.ts';
import { Pulse, type LoopDelay } from './pulse.ts';
import { messageOf, within } from './within.ts';

export interface Counts {
  readonly invoked: number;
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  /** Arrivals that found every client busy, and were never asked. */
  readonly shed: number;
}

export interface LoadRequest extends Opening {
  readonly clients: number;
  readonly deadlineMs: number;
  /** Operations that change nothing, and so have not happened when they end badly. */
  readonly reads: ReadonlySet<string>;
  /** The workload's options; where one has an operation's name, it says how often that is asked. */
  readonly shares: Readonly<Record<string, unknown>>;
  readonly recorder: Recorder;
  readonly random: Random;
}

/**
 * The logical clients, and the operations that they have under way, for the whole of a run.
 *
 * ```
 *  arrivals ──► an idle lane ──► source.next() ──► recorder.invoke ──► client ──┬─► ok      idle again
 *  (Poisson, or the moment a                                                    ├─► fail    idle again, after a pause
 *   lane is idle: `max`)                                       deadline ────────┴─► info    next process, next client
 * ```
 *
 * Written with callbacks where it is hot: at 100,000 events a second, an async function for each is felt.
 */
export class Load {
  readonly #request: LoadRequest;
  readonly #time: Time;
  readonly #lanes: readonly Lane[];
  readonly #closing = new AbortController();
  readonly #pulse: Pulse;
  /** In order of their deadlines, since all have the same time. */
  readonly #underWay = new Set<Operation>();
  #deadline: Timer | undefined;
  #acknowledged = 0;
  readonly #counts = { invoked: 0, ok: 0, failed: 0, unknown: 0, shed: 0 };
  /** Lanes with a client and nothing to do. */
  readonly #idle: Lane[] = [];
  /** Nodes of which nothing is to be asked for now. */
  readonly #hushed = new Set<ReadonlySet<string>>();
  /** Nodes whose clients ask others for now. */
  readonly #diverted = new Set<ReadonlySet<string>>();
  #phase: Running | undefined;
  #failure: Error | undefined;

  constructor(request: LoadRequest, onBeat: () => void) {
    this.#request = request;
    this.#time = request.time;
    const { nodes } = request;
    this.#lanes = Array.from(
      { length: request.clients },
      (_, i) => new Lane(i, nodes[i % nodes.length] as (typeof nodes)[number], request),
    );
    this.#pulse = new Pulse(request.time, () => {
      this.#goOn();
      onBeat();
    });
    for (const lane of this.#lanes) lane.open(() => this.#rest(lane), this.#closing.signal);
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Begins nothing at these nodes until the function returned is called. */
  hush(nodes: readonly string[]): () => void {
    const hushed = new Set(nodes);
    this.#hushed.add(hushed);
    return () => {
      this.#hushed.delete(hushed);
      this.#goOn();
    };
  }

  /** Has the clients of these nodes ask the next of the others until the function returned is called. */
  divert(nodes: readonly string[]): () => void {
    const diverted = new Set(nodes);
    this.#diverted.add(diverted);
    this.#settleClients();
    return () => {
      this.#diverted.delete(diverted);
      this.#settleClients();
    };
  }

  /** Operations that change something, and were answered `ok`. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /**
   * Runs a phase: until its time is up, its source is done, or the signal is aborted; and until every operation of it
   * has ended. Rejects when the history cannot be written, or a plug-in is wrong.
   */
  async run(phase: Phase, source: OperationGenerator<Operations>, signal: AbortSignal): Promise<void> {
    if (this.#failure) throw this.#failure;
    for (const lane of this.#lanes) lane.done = false;
    await new Promise<void>((resolve) => {
      const timers: Timer[] = [];
      const stop = (): void => {
        running.over = true;
        for (const timer of timers.splice(0)) timer.cancel();
        signal.removeEventListener('abort', interrupt);
        this.#settle();
      };
      const interrupt = (): void => {
        stop();
        for (const operation of this.#underWay) this.#giveUp(operation, 'the run was interrupted');
      };
      const running: Running = {
        source,
        random: this.#request.random.fork(`operations ${phase.name}`),
        eager: phase.perSecond === undefined,
        over: false,
        stop,
        ended: resolve,
      };
      this.#phase = running;
      if (phase.seconds !== undefined) timers.push(this.#time.after(phase.seconds * 1000, stop));
      signal.addEventListener('abort', interrupt, { once: true });
      if (signal.aborted) return interrupt();
      if (phase.perSecond === undefined) this.#goOn();
      else this.#arrive(running, phase.perSecond, timers);
    });
    this.#phase = undefined;
    const failure = this.#failure as Error | undefined; // Set by callbacks, which the compiler does not follow.
    if (failure) throw failure;
  }

  async close(): Promise<LoopDelay> {
    const delay = this.#pulse.stop();
    this.#deadline?.cancel();
    this.#closing.abort(new Error('the run is over'));
    const { time, log } = this.#request;
    await within(time, 2000, undefined, () => Promise.all(this.#lanes.map((lane) => lane.close()))).catch(
      (error: unknown) => log({ message: 'clients did not close', error: messageOf(error) }),
    );
    return delay;
  }

  /** Open-loop: operations are begun when their time has come, however slow the answers are. */
  #arrive(running: Running, perSecond: number, timers: Timer[]): void {
    const random = this.#request.random.fork('arrivals');
    // In whole nanoseconds: a timer cannot come within a fraction of one, and would be set again and again.
    const gap = (): number => Math.ceil((-Math.log(1 - random.fraction()) * 1e9) / perSecond);
    let due = this.#time.now() + gap();
    const tick = (): void => {
      const now = this.#time.now();
      // After a long stall there is no use in asking everything at once that should have been asked.
      if (now - due > 1e9) due = now;
      for (; due <= now && !running.over; due += gap()) this.#beginOne(random);
      if (!running.over) timers[1] = this.#time.after((due - now) / 1e6, tick);
    };
    tick();
  }

  /** One arrival. It takes any idle lane that the source has something for. */
  #beginOne(random: Random): void {
    const idle = this.#idle;
    for (let left = idle.length; left > 0; left--) {
      const at = random.below(left);
      const lane = idle[at] as Lane;
      idle[at] = idle[left - 1] as Lane;
      idle[left - 1] = lane;
      if (lane.done) continue;
      idle.splice(left - 1, 1);
      if (this.#begin(lane)) return;
      idle.push(lane);
    }
    this.#counts.shed++;
  }

  /** Whoever is idle asks what there is to do: without a rate, the moment that it can. */
  #goOn(): void {
    if (!this.#phase?.eager) return;
    const idle = this.#idle.splice(0);
    for (const lane of idle) if (!this.#begin(lane)) this.#idle.push(lane);
  }

  /** Whoever has nothing under way goes at once to where it is wanted; the others, when they have. */
  #settleClients(): void {
    const { nodes } = this.#request;
    const away = (node: Node): boolean => [...this.#diverted].some((names) => names.has(node.name));
    for (const lane of this.#lanes) {
      const at = nodes.indexOf(lane.home);
      const inOrder = [...nodes.slice(at), ...nodes.slice(0, at)];
      lane.wanted = inOrder.find((node) => !away(node)) ?? lane.home;
    }
    const idle = this.#idle.splice(0);
    for (const lane of idle) this.#rest(lane);
  }

  /** The lane has a client, and nothing under way. */
  #rest(lane: Lane): void {
    if (lane.node !== lane.wanted) {
      lane.drop();
      return lane.open(() => this.#rest(lane), this.#closing.signal);
    }
    const phase = this.#phase;
    // Others may have been waiting for what has just ended; whoever comes back goes first.
    if (!phase?.eager || !this.#begin(lane)) this.#idle.push(lane);
    else if (this.#idle.length > 0) this.#goOn();
  }

  /** Asks the source on behalf of this lane, and begins what it says. False when there was nothing, or no time. */
  #begin(lane: Lane): boolean {
    const phase = this.#phase;
    const { client } = lane;
    if (phase === undefined || phase.over || lane.done || client === undefined) return false;
    const now = this.#time.now();
    if (phase.eager && this.#pulse.behind(now)) return false;
    for (const hushed of this.#hushed) if (hushed.has(lane.node.name)) return false;
    try {
      const { source, random } = phase;
      const { process, node } = lane;
      const asked = source.next({ process, node: node.name, time: now, random });
      if (asked === 'wait') return false;
      if (asked === 'done') {
        lane.done = true;
        if (this.#lanes.every(({ done }) => done)) phase.stop();
        return false;
      }
      const { f, key, value } = asked;
      const method = client[f];
      if (method === undefined) throw missing(this.#request, f);
      const operation = new Operation(lane, f, key, value, now + this.#request.deadlineMs * 1e6);
      this.#request.recorder.invoke(process, node.name, f, key, value);
      this.#counts.invoked++;
      this.#underWay.add(operation);
      source.observe?.({ process, type: 'invoke', f, ...(key !== undefined && { key }), value });
      this.#watchDeadline();
      this.#call(operation, client, method);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #call(operation: Operation, client: object, method: (call: Operation) => Promise<unknown>): void {
    const went = (output: unknown): void => this.#answered(operation, output);
    const failed = (error: unknown): void => this.#refused(operation, error);
    try {
      method.call(client, operation).then(went, failed);
    } catch (error) {
      // Thrown before there was a promise. It ends like any other, and not before it has begun.
      Promise.reject(error as Error).then(went, failed);
    }
  }

  #answered(operation: Operation, output: unknown): void {
    if (operation.ended) return;
    const { lane } = operation;
    if (!this.#end(operation, 'ok', output)) return;
    lane.failures = 0;
    this.#rest(lane);
  }

  #refused(operation: Operation, error: unknown): void {
    if (operation.ended) return;
    if (!isNotApplied(error)) return this.#giveUp(operation, messageOf(error));
    const { lane } = operation;
    this.#end(operation, 'fail', undefined, messageOf(error));
    lane.failures++;
    this.#time.after(lane.pauseMs, () => this.#rest(lane));
  }

  /** It ended badly, and its client is not trusted any more. */
  #giveUp(operation: Operation, why: string): void {
    if (operation.ended) return;
    const { lane, f } = operation;
    // A read changed nothing, so that it makes no difference whether it happened.
    const type = this.#request.reads.has(f) ? 'fail' : 'info';
    this.#end(operation, type, undefined, why);
    operation.abort(why);
    if (type === 'info') lane.process += this.#lanes.length;
    lane.failures++;
    lane.drop();
    this.#time.after(lane.pauseMs, () => lane.open(() => this.#rest(lane), this.#closing.signal));
  }

  #end(operation: Operation, type: Outcome, output: unknown, error?: string): boolean {
    operation.ended = true;
    this.#underWay.delete(operation);
    const { process, f, key } = operation;
    try {
      this.#request.recorder.end(process, type, f, key, output, error);
    } catch (cause) {
      if (type !== 'ok' || cause instanceof LabrysError) {
        this.#fail(cause);
        return false;
      }
      // What is no JSON cannot be written down, and so nobody knows what it was.
      operation.ended = false;
      this.#giveUp(operation, `the client returned what cannot be written down: ${messageOf(cause)}`);
      return false;
    }
    if (type === 'ok' && !this.#request.reads.has(f)) this.#acknowledged++;
    this.#counts[type === 'ok' ? 'ok' : type === 'fail' ? 'failed' : 'unknown']++;
    try {
      this.#phase?.source.observe?.({
        process,
        type,
        f,
        ...(key !== undefined && { key }),
        ...(type === 'ok' && { value: output }),
      });
    } catch (cause) {
      this.#fail(cause);
    }
    this.#settle();
    return true;
  }

  /** One timer serves all: it is set for the operation that has waited longest. */
  #watchDeadline(): void {
    if (this.#deadline !== undefined) return;
    const [first] = this.#underWay;
    if (first === undefined) return;
    this.#deadline = this.#time.after(Math.max(0, (first.expires - this.#time.now()) / 1e6), () => {
      this.#deadline = undefined;
      const now = this.#time.now();
      for (const operation of this.#underWay) {
        if (operation.expires > now) break;
        this.#giveUp(operation, `no answer in ${this.#request.deadlineMs} ms`);
      }
      this.#watchDeadline();
    });
  }

  #settle(): void {
    const phase = this.#phase;
    if (phase?.over && this.#underWay.size === 0) phase.ended();
  }

  #fail(cause: unknown): void {
    this.#failure ??= cause instanceof Error ? cause : new Error(String(cause));
    for (const operation of this.#underWay) {
      operation.ended = true;
      operation.abort('the run failed');
    }
    this.#underWay.clear();
    this.#phase?.stop();
  }
}

interface Running {
  readonly source: OperationGenerator<Operations>;
  readonly random: Random;
  /** Whether the next operation begins as soon as there is somebody to ask it. */
  readonly eager: boolean;
  over: boolean;
  stop(): void;
  ended(): void;
}

function missing({ binding, shares }: LoadRequest, f: string): UsageError {
  return new UsageError(`the client for ${binding.workload} has no operation ${JSON.stringify(f)}`, {
    hint:
      f in shares
        ? `If the system has no such operation, leave it out: --with ${f}=0.`
        : `Give what clientFor(${binding.workload}, …) opens a method of that name.`,
  });
}
