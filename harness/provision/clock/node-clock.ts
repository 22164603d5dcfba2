import type { ClockName, ClockReading, NodeClock, Skew } from '../../clock.ts';
import { Gone, type ProcessMemory } from './memory.ts';
import { BentProcess } from './process.ts';
import { bend, falls, isTrue, type Segment, truth } from './segments.ts';

/** A node's processes, wherever they are. */
export interface Processes {
  list(): Promise<readonly number[]>;
  memoryOf(pid: number): Promise<ProcessMemory>;
  /** The true time where they run, in nanoseconds. */
  now(): Promise<Readonly<Record<ClockName, bigint>>>;
  read(pid: number, memory: ProcessMemory): Promise<ClockReading>;
}

/** How soon a new program in the node has a skewed clock, too: right after a start, and later on. */
const often = { everyMs: 3, times: 60 };
const seldomMs = 100;

/**
 * The clocks of a node as the clocks of all its processes. A process that one of them forks has its parent's clocks from
 * the first instruction; one that has become another program, and one that is started anew, sees the truth until it is
 * found, which takes some milliseconds.
 */
export class ProcessClocks implements NodeClock {
  readonly #processes: Processes;
  readonly #log: (line: Readonly<Record<string, unknown>>) => void;
  readonly #bent = new Map<number, BentProcess>();
  readonly #pieces: Record<ClockName, Segment> = { wall: truth, monotonic: truth };
  #last: Promise<unknown> = Promise.resolve();
  #watch: NodeJS.Timeout | undefined;

  constructor(processes: Processes, log: (line: Readonly<Record<string, unknown>>) => void) {
    this.#processes = processes;
    this.#log = log;
  }

  set(clock: ClockName, skew: Skew): Promise<void> {
    return this.between(async () => {
      const refused = await this.#gather();
      refused.push(...(await this.#change(clock, skew)));
      if (this.#isRight) refused.push(...(await this.#release()));
      else this.#follow(1);
      if (refused.length > 0) throw new Error(refused.join('; '));
    });
  }

  async read(): Promise<readonly ClockReading[]> {
    const readings = await Promise.all((await this.#processes.list()).map((pid) => this.#read(pid, 3)));
    return readings.filter((reading) => reading !== undefined);
  }

  /** Do it while no process is being changed, for which it has to stand still and go on again. */
  between<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#last.then(act);
    this.#last = next.catch(() => {});
    return next;
  }

  /** The node has just been started: its new processes have clocks that are right, and may have to get others. */
  started(): void {
    if (!this.#isRight) this.#follow(often.times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    await this.#last;
    this.#close();
  }

  /**
   * The next piece of a clock, the same for every process. A wall clock may go anywhere at any time. Before a monotonic one
   * slows down, everyone stands still for a millisecond: whoever went on at the old pace until it hears of the new one
   * would have to step back.
   */
  async #change(clock: ClockName, skew: Skew): Promise<string[]> {
    const before = this.#pieces[clock];
    const now = async (): Promise<bigint> => (await this.#processes.now())[clock];
    const soon = await now();
    const falling = clock === 'monotonic' && falls(before, bend(before, skew, soon), soon);
    const halted: (() => Promise<void>)[] = [];
    const refused: string[] = [];
    try {
      if (falling) refused.push(...(await this.#everyone(async (one) => void halted.push(await one.halt()))));
      const piece = bend(before, skew, await now());
      refused.push(...(await this.#everyone((one) => one.show(clock, piece))));
      this.#pieces[clock] = piece;
    } finally {
      for (const goOn of halted) await goOn();
    }
    return refused;
  }

  /** Again where it becomes another program meanwhile, which every process does as it begins. */
  async #read(pid: number, tries: number): Promise<ClockReading | undefined> {
    try {
      const memory = await this.#processes.memoryOf(pid);
      return await this.#processes.read(pid, memory).finally(() => memory.close());
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      return tries > 1 ? await this.#read(pid, tries - 1) : undefined;
    }
  }

  get #isRight(): boolean {
    return isTrue(this.#pieces.wall) && isTrue(this.#pieces.monotonic);
  }

  /** Looks for programs that are not bent yet, `soon` times in short order. */
  #follow(soon: number): void {
    clearTimeout(this.#watch);
    const look = async (): Promise<void> => {
      await this.between(async () => {
        for (const message of await this.#gather())
          this.#log({ message: 'its clock is right', because: message });
      }).catch((error: unknown) => this.#log({ message: 'its clock is right', because: String(error) }));
      if (!this.#isRight && this.#watch !== undefined) this.#follow(soon - 1);
    };
    this.#watch = setTimeout(() => void look(), soon > 0 ? often.everyMs : seldomMs);
    this.#watch.unref();
  }

  /** Bends every process that is not yet; says which could not be. */
  async #gather(): Promise<string[]> {
    const refused: string[] = [];
    const alive = await this.#processes.list();
    for (const pid of this.#bent.keys()) if (!alive.includes(pid)) this.#forget(pid);
    await this.#everyone((process) => process.check());
    for (const pid of alive.filter((pid) => !this.#bent.has(pid))) {
      try {
        const process = await BentProcess.find(await this.#processes.memoryOf(pid));
        this.#bent.set(pid, process);
        await process.enter();
        for (const clock of ['wall', 'monotonic'] as const) await process.show(clock, this.#pieces[clock]);
      } catch (error) {
        this.#forget(pid);
        if (!(error instanceof Gone)) refused.push(`process ${pid}: ${messageOf(error)}`);
      }
    }
    return refused;
  }

  /** To every process that is bent; one that is gone has no clock that anyone could read. */
  async #everyone(act: (process: BentProcess) => Promise<void>): Promise<string[]> {
    const refused: string[] = [];
    for (const [pid, process] of this.#bent) {
      try {
        await act(process);
      } catch (error) {
        if (error instanceof Gone) this.#forget(pid);
        else refused.push(`process ${pid}: ${messageOf(error)}`);
      }
    }
    return refused;
  }

  /** The clocks are right, and need no stub for it any more. */
  async #release(): Promise<string[]> {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    const refused = await this.#everyone((process) => process.leave());
    this.#close();
    return refused;
  }

  #close(): void {
    for (const pid of this.#bent.keys()) this.#forget(pid);
  }

  #forget(pid: number): void {
    this.#bent.get(pid)?.close();
    this.#bent.delete(pid);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
