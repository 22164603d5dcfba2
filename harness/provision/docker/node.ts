import type Docker from 'dockerode';
import { finished } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { EnvironmentError, NodeError } from '../../errors.ts';
import type { Member, Node, NodeDisk, NodeGroup, NodeLimits, NodeState } from '../../runtime.ts';
import { addressAmong } from '../address.ts';
import { type Agent, AgentRefusal } from '../agent.ts';
import { agentClocks, type Whereabouts } from '../clock/agent-clocks.ts';
import type { ProcessClocks } from '../clock/node-clock.ts';
import { agentGroup } from '../limits/node-group.ts';
import { agentLimits } from '../limits/node-limits.ts';
import { collectData } from './collect.ts';
import { DATA, inDataFolder } from './container.ts';
import { dockerFailed, reasonOf, statusOf } from './failure.ts';
import type { Output } from './output.ts';
import { settled } from './patience.ts';
import { packTar } from './tar.ts';
import type { Log } from './progress.ts';

/** How much later than its end a node's last words may come. */
const LAST_WORDS_MS = 5_000;

/** The exit code of what was killed by force. */
const KILLED = 137;

/** A node as a container. */
export class ContainerNode implements Node {
  readonly name: string;
  readonly member: Member;
  readonly disk?: NodeDisk;
  readonly #docker: Docker;
  readonly #container: Docker.Container;
  readonly #addresses: Readonly<Record<string, string>>;
  readonly #output: Output;
  readonly #log: Log;
  /** Resolves when all that its last life said has been written down. */
  #silent: Promise<void> = Promise.resolve();
  #afterStart: () => Promise<void> = async () => {};
  #clock: ProcessClocks | undefined;
  #limits: NodeLimits | undefined;
  #group: NodeGroup | undefined;

  constructor(
    member: Member,
    docker: Docker,
    container: Docker.Container,
    addresses: Readonly<Record<string, string>>,
    output: Output,
    log: Log,
    disk?: NodeDisk,
  ) {
    this.name = member.name;
    this.member = member;
    if (disk) this.disk = disk;
    this.#docker = docker;
    this.#container = container;
    this.#addresses = addresses;
    this.#output = output;
    this.#log = log;
  }

  /** Do this too whenever it starts from now on, before it counts as started. */
  onRestart(then: () => Promise<void>): void {
    this.#afterStart = then;
  }

  /** Its processes can be reached through this agent. */
  reach(agent: Agent): ProcessClocks {
    const look = async (): Promise<Whereabouts> => {
      const { State } = await this.inspect();
      const pids = State.Running ? await agent.ask('processes', State.Pid).catch(goneIs([])) : [];
      return { pids: pids.map(Number), frozen: State.Paused };
    };
    this.#limits = agentLimits(agent, async () => (await look()).pids);
    this.#group = agentGroup(
      agent,
      async () => {
        const { State } = await this.inspect();
        if (!State.Running) throw new Error('it is dead');
        return State.Pid;
      },
      async () => {
        await this.#container.wait();
        const { ExitCode, OOMKilled } = (await this.inspect()).State;
        if (!OOMKilled)
          throw new Error(`it ended with ${ExitCode}, and the engine heard of no lack of memory`);
        return `killed by the kernel for want of memory, says the engine: exit code ${ExitCode}`;
      },
    );
    this.#clock = agentClocks(agent, look, (line) => this.#log({ node: this.name, ...line }));
    return this.#clock;
  }

  get limits(): NodeLimits {
    if (this.#limits === undefined) throw new Error(`${this.name} is not up yet`);
    return this.#limits;
  }

  get group(): NodeGroup {
    if (this.#group === undefined) throw new Error(`${this.name} is not up yet`);
    return this.#group;
  }

  get clock(): ProcessClocks {
    if (this.#clock === undefined) throw new Error(`${this.name} is not up yet`);
    return this.#clock;
  }

  address(port: string): string {
    return addressAmong(this.#addresses, this.name, port);
  }

  async start(): Promise<void> {
    if ((await this.state()) !== 'dead') return;
    const began = performance.now();
    try {
      await this.#listen();
      await this.#container.start();
      await this.#afterStart();
      this.#clock?.started();
    } catch (cause) {
      throw dockerFailed(`cannot start ${this.name}`, cause);
    }
    this.#did('start', began);
  }

  async kill(): Promise<void> {
    const began = performance.now();
    await this.#unless(/not running/, () => this.#container.kill({ signal: 'SIGKILL' }));
    await this.#container.wait();
    this.#did('kill', began);
    await this.silence();
  }

  /** By the signal that its image names. A program that has not asked for it does not hear it as the first of a container. */
  async stop(patienceMs: number): Promise<'ended' | 'killed'> {
    const began = performance.now();
    await this.#unless(/not running|already stopped/, () =>
      this.#container.stop({ t: Math.ceil(patienceMs / 1000) }),
    );
    const { State } = await this.inspect();
    this.#did('stop', began, { exitCode: State.ExitCode });
    await this.silence();
    return State.ExitCode === KILLED && performance.now() - began > patienceMs / 2 ? 'killed' : 'ended';
  }

  async pause(): Promise<void> {
    const began = performance.now();
    await this.clock.between(() => this.#unless(/already paused/, () => this.#container.pause()));
    this.#did('pause', began);
  }

  async resume(): Promise<void> {
    const began = performance.now();
    await this.clock.between(() => this.#unless(/not paused|not running/, () => this.#container.unpause()));
    this.#did('resume', began);
  }

  async state(): Promise<NodeState> {
    const { State } = await this.inspect();
    return State.Paused ? 'paused' : State.Running ? 'running' : 'dead';
  }

  lastLines(count?: number): readonly string[] {
    return this.#output.lastLines(count);
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const began = performance.now();
    try {
      await this.#container.putArchive(packTar(inDataFolder(files)), { path: '/' });
      await this.disk?.settle();
    } catch (cause) {
      throw dockerFailed(`${this.name}: cannot write ${Object.keys(files).join(', ')}`, cause);
    }
    this.#did('files written', began, { files: Object.keys(files) });
  }

  async exec(command: readonly string[], signal?: AbortSignal): Promise<{ stdout: string; stderr: string }> {
    signal?.throwIfAborted();
    const began = performance.now();
    const [stdout, stderr] = [new Text(), new Text()];
    let exitCode: number | null;
    try {
      const exec = await this.#container.exec({
        Cmd: [...command],
        WorkingDir: DATA,
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await exec.start({ hijack: true });
      const stop = (): void => void stream.destroy(signal?.reason as Error);
      signal?.addEventListener('abort', stop, { once: true });
      this.#docker.modem.demuxStream(stream, stdout, stderr);
      await finished(stream, { writable: false }).finally(() => signal?.removeEventListener('abort', stop));
      exitCode = (await exec.inspect()).ExitCode;
    } catch (cause) {
      signal?.throwIfAborted();
      throw dockerFailed(`${this.name}: cannot run ${command[0]}`, cause);
    }
    this.#did('exec', began, { argv: command, exitCode });
    if (exitCode !== 0)
      throw new NodeError(
        this.name,
        `\`${command.join(' ')}\` exited with ${exitCode}: ${stderr.text.trim()}`,
        {
          lastLines: this.lastLines(),
        },
      );
    return { stdout: stdout.text, stderr: stderr.text };
  }

  /**
   * Resolves when a node that has ended has nothing more to say. Its last words come through the engine, and may arrive
   * after its end is known.
   */
  silence(): Promise<void> {
    return settled(this.#silent, LAST_WORDS_MS);
  }

  /** Fetch its data folder into the run's record; answers what is missing of it. */
  async keepData(): Promise<readonly string[]> {
    const began = performance.now();
    const missing = await collectData(this.#container, this.#output.folder);
    this.#did('data fetched', began);
    return missing.map((line) => `${this.name}: ${line}`);
  }

  /** What the engine knows of its container. */
  async inspect(): Promise<Docker.ContainerInspectInfo> {
    try {
      return await this.#container.inspect();
    } catch (cause) {
      throw dockerFailed(`cannot look at ${this.name}`, cause);
    }
  }

  /** Before each start, so that not a line is missed. */
  async #listen(): Promise<void> {
    const stream = await this.#container.attach({ stream: true, stdout: true, stderr: true });
    this.#docker.modem.demuxStream(stream, this.#output.stdout, this.#output.stderr);
    this.#silent = finished(stream, { writable: false }).catch(() => {});
  }

  #did(what: string, began: number, more: Readonly<Record<string, unknown>> = {}): void {
    const ms = Math.round((performance.now() - began) * 10) / 10;
    this.#log({ node: this.name, message: what, ms, ...more });
  }

  /** Do it; that it was so already is fine. */
  async #unless(already: RegExp, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (cause) {
      if (already.test(reasonOf(cause))) return;
      if (statusOf(cause) !== 409) throw dockerFailed(this.name, cause);
      throw new NodeError(this.name, reasonOf(cause), { lastLines: this.lastLines(), cause });
    }
  }
}

/** A process that ended meanwhile is no failure. */
function goneIs<T>(instead: T): (cause: unknown) => T {
  return (cause) => {
    if (cause instanceof AgentRefusal && cause.message.endsWith(': gone')) return instead;
    throw cause;
  };
}

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

/** A node that ended right after its start would never become ready: say so at once, with what it said. */
export async function assertRuns(node: ContainerNode): Promise<void> {
  const { State } = await node.inspect();
  if (State.Running) return;
  if (State.Error) throw new EnvironmentError(`${node.name}: ${State.Error}`);
  await node.silence();
  throw new NodeError(
    node.name,
    `exited with ${State.ExitCode} right after its start${State.OOMKilled ? ', out of memory' : ''}`,
    {
      lastLines: node.lastLines(),
    },
  );
}
