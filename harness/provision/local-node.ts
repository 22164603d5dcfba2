import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { cp, lstat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, NodeError } from '../errors.ts';
import type { Agent } from './agent.ts';
import { localClocks } from './clock/local-clocks.ts';
import type { ProcessClocks } from './clock/node-clock.ts';
import type { Blueprint, Member, Node, NodeDisk, NodeLimits, NodeState, Recipe } from '../runtime.ts';
import { commandPath } from './command-path.ts';
import { agentLimits } from './limits/node-limits.ts';
import { missingCommand } from './missing-command.ts';
import { namespaceAt, processesIn, signal, stateOf } from './processes.ts';
import { lastLinesOf } from './tail.ts';

/** Starts programs. Given to a node, which only says what and where. */
export interface Launcher {
  /** Resolves once it has a process; that process leads a session of its own, so that Ctrl-C passes it by. */
  launch(argv: readonly string[], place: Place, stdout: number, stderr: number): Promise<Launched>;
  run(
    argv: readonly string[],
    place: Place,
    signal?: AbortSignal,
  ): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

export interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Launched {
  readonly pid: number;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
}

export interface Ending {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** What a signal may take to show in /proc. Longer only for a process that hangs in the kernel. */
const patienceMs = 10_000;

/** A node as a program on this machine, with whatever it starts, in a network namespace that outlives it. */
export class LocalNode implements Node {
  readonly name: string;
  readonly clock: ProcessClocks;
  readonly limits: NodeLimits;
  readonly disk?: NodeDisk;
  readonly member: Member;
  readonly #recipe: Recipe;
  /** A path that opens the namespace, and the number by which its processes are found. */
  readonly #door: string;
  readonly #namespace: number;
  readonly #folder: string;
  readonly #launcher: Launcher;
  readonly #log: Blueprint['log'];
  #main: (Launched & { ending?: Ending }) | undefined;

  constructor(
    member: Member,
    recipe: Recipe,
    door: string,
    blueprint: Blueprint,
    launcher: Launcher,
    agent: Agent,
    disk?: NodeDisk,
  ) {
    this.name = member.name;
    this.member = member;
    this.#recipe = recipe;
    this.#door = door;
    this.#namespace = namespaceAt(door);
    this.#folder = join(blueprint.folder, 'nodes', member.name);
    this.#launcher = launcher;
    this.#log = (line) => blueprint.log(line);
    this.clock = localClocks(
      agent,
      () => this.#processes(),
      (line) => this.#log({ node: this.name, ...line }),
    );
    if (disk) this.disk = disk;
    this.limits = agentLimits(agent, async () => this.#processes());
  }

  address(port: string): string {
    return this.member.address(port);
  }

  async start(): Promise<void> {
    if (this.#processes().length > 0) return;
    const began = performance.now();
    const argv = this.#inPlace(this.#recipe.command);
    const first = this.#main === undefined;
    const [stdout, stderr] = this.#layOut(first);
    try {
      // What was there before the node is no node's to sync.
      if (first) await this.disk?.settle();
      const main: Launched & { ending?: Ending } = await this.#launcher.launch(
        argv,
        this.#place,
        stdout,
        stderr,
      );
      this.#main = main;
      void main.ended.then((ending) => {
        main.ending = ending;
        this.#log({ node: this.name, message: 'process ended', pid: main.pid, ...ending });
      });
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
    this.clock.started();
    this.#did('start', began, { argv: this.#recipe.command });
  }

  async kill(): Promise<void> {
    const began = performance.now();
    // Again until none is left: a process may have started another while we looked.
    await this.#until('still runs after kill -9', () => {
      const left = this.#processes();
      for (const pid of left) signal(pid, 'SIGKILL');
      return left.length === 0;
    });
    await this.#main?.ended;
    this.#did('kill', began);
  }

  async stop(patienceMs: number): Promise<'ended' | 'killed'> {
    const began = performance.now();
    if (this.#main) signal(this.#main.pid, 'SIGTERM');
    while (this.#processes().length > 0 && performance.now() - began < patienceMs) await sleep(5);
    if (this.#processes().length > 0) {
      await this.kill();
      return 'killed';
    }
    await this.#main?.ended;
    this.#did('stop', began);
    return 'ended';
  }

  async pause(): Promise<void> {
    const began = performance.now();
    await this.clock.between(() =>
      this.#until('does not stop', () => {
        const moving = this.#processes().filter((pid) => stateOf(pid) !== 'T');
        for (const pid of moving) signal(pid, 'SIGSTOP');
        return moving.length === 0;
      }),
    );
    this.#did('pause', began);
  }

  async resume(): Promise<void> {
    const began = performance.now();
    await this.clock.between(async () => {
      for (const pid of this.#processes()) signal(pid, 'SIGCONT');
    });
    this.#did('resume', began);
  }

  state(): Promise<NodeState> {
    const states = this.#processes().map(stateOf);
    if (states.length === 0) return Promise.resolve('dead');
    return Promise.resolve(states.every((state) => state === 'T') ? 'paused' : 'running');
  }

  lastLines(count = 20): readonly string[] {
    return lastLinesOf(this.#logs, count);
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    this.#put(files);
    await this.disk?.settle();
    this.#log({ node: this.name, message: 'files written', files: Object.keys(files) });
  }

  async exec(command: readonly string[], aborted?: AbortSignal): Promise<{ stdout: string; stderr: string }> {
    const began = performance.now();
    const said = await this.#launcher.run(this.#inPlace(command), this.#place, aborted);
    this.#did('exec', began, { argv: command });
    return said;
  }

  /** Throws if it ends within so short a time that it cannot have worked: a wrong flag, a port in use. */
  async survive(ms: number): Promise<void> {
    const main = this.#main;
    if (main === undefined) return;
    await Promise.race([main.ended, sleep(ms)]);
    if (main.ending === undefined || this.#processes().length > 0) return;
    const { code, signal: by } = main.ending;
    const how = by === undefined ? `with exit code ${code}` : `by ${by}`;
    throw new NodeError(this.name, `ended at once, ${how}: ${this.#recipe.command.join(' ')}`, {
      lastLines: this.lastLines(),
      hint: `All that it said: ${this.#logs.join(', ')}`,
    });
  }

  /** The end of the node's processes. What its recipe calls logs is then with the record, and the data may go. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock[Symbol.asyncDispose]();
    await this.kill();
    for (const path of this.#recipe.logs ?? []) {
      const from = resolve(this.member.data, path);
      // A node that never came so far has not written it.
      const to = join(this.#folder, basename(from));
      await cp(from, to, { recursive: true, filter: isPlain }).catch(() => undefined);
    }
  }

  /** Its folders and files, the first time, and its logs, open for what it is going to say. */
  #layOut(first: boolean): readonly [number, number] {
    try {
      if (first) rmSync(this.member.data, { recursive: true, force: true });
      mkdirSync(this.member.data, { recursive: true });
      if (first) this.#put(this.#recipe.files ?? {});
      const [stdout, stderr] = this.#logs;
      return [openSync(stdout, 'a'), openSync(stderr, 'a')];
    } catch (cause) {
      const why = (cause as Error).message;
      throw new EnvironmentError(`${this.name}: cannot write its files: ${why}`, {
        hint: 'Is the disk full, or the folder not ours? --results DIR names another.',
        cause,
      });
    }
  }

  /** Synced: what it is told about itself is not what a power failure may take from it. */
  #put(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.member.data, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** Any process that is left of it, the first one also before it has entered the namespace. */
  #processes(): readonly number[] {
    const main = this.#main;
    const entering = main !== undefined && main.ending === undefined ? [main.pid] : [];
    return [...new Set([...entering, ...processesIn(this.#namespace)])].filter((pid) => {
      const state = stateOf(pid);
      return state !== undefined && state !== 'Z' && state !== 'X';
    });
  }

  #inPlace([name = '', ...rest]: readonly string[]): readonly string[] {
    const program = commandPath(name, this.#place.env['PATH']);
    if (program === undefined) throw missingCommand(name);
    return ['nsenter', `--net=${this.#door}`, '--', program, ...rest];
  }

  get #place(): Place {
    const env = { ...process.env, ...this.#recipe.env } as Record<string, string>;
    return { folder: this.member.data, env };
  }

  get #logs(): readonly [string, string] {
    return [join(this.#folder, 'stdout.log'), join(this.#folder, 'stderr.log')];
  }

  async #until(complaint: string, done: () => boolean): Promise<void> {
    const until = performance.now() + patienceMs;
    for (let round = 0; !done(); round++) {
      if (performance.now() > until)
        throw new NodeError(this.name, complaint, { lastLines: this.lastLines() });
      // Sleeping, not turning: on a busy machine the process that is to stop may be waiting for this very core.
      await sleep(round < 20 ? 0 : 5);
    }
  }

  #did(what: string, began: number, more: Readonly<Record<string, unknown>> = {}): void {
    this.#log({
      node: this.name,
      message: what,
      ms: Math.round((performance.now() - began) * 10) / 10,
      ...more,
    });
  }
}

/** A link would lead out of the record, and a pipe be waited for. */
async function isPlain(path: string): Promise<boolean> {
  const about = await lstat(path);
  return about.isFile() || about.isDirectory();
}
