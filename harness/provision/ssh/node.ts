import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, NodeError } from '../../errors.ts';
import type { Blueprint, Member, Node, NodeLimits, NodeState, Recipe } from '../../runtime.ts';
import { addressAmong } from '../address.ts';
import { AgentRefusal } from '../agent.ts';
import { agentClocks } from '../clock/agent-clocks.ts';
import type { ProcessClocks } from '../clock/node-clock.ts';
import { collectDataFrom, collectLogsFrom } from '../docker/collect.ts';
import type { Output } from '../docker/output.ts';
import { agentLimits } from '../limits/node-limits.ts';
import { dataFiles, packed } from './packed.ts';
import { hexOf, type Stay } from './stay.ts';

/** How often a node is asked what it has said. */
const LISTEN_MS = 50;

/** A node as processes of a machine that it shares with nobody else's, kept by the keeper there. */
export class SshNode implements Node {
  readonly name: string;
  readonly clock: ProcessClocks;
  readonly limits: NodeLimits;
  readonly member: Member;
  readonly #recipe: Recipe;
  readonly #stay: Stay;
  readonly #output: Output;
  readonly #addresses: Readonly<Record<string, string>>;
  readonly #log: Blueprint['log'];
  readonly #heard = { 'stdout.log': 0, 'stderr.log': 0 };
  #listening: Promise<void> = Promise.resolve();
  #left = false;

  /** @param addresses of its ports, as the harness reaches them. */
  constructor(
    member: Member,
    recipe: Recipe,
    stay: Stay,
    output: Output,
    addresses: Readonly<Record<string, string>>,
    log: Blueprint['log'],
  ) {
    this.name = member.name;
    this.member = member;
    this.#recipe = recipe;
    this.#stay = stay;
    this.#output = output;
    this.#addresses = addresses;
    this.#log = log;
    const processes = async (): Promise<number[]> => (await stay.agent.ask('node-processes')).map(Number);
    this.clock = agentClocks(
      stay.agent,
      async () => ({ pids: await processes(), frozen: false }),
      (line) => log({ node: this.name, ...line }),
    );
    this.limits = agentLimits(stay.agent, processes);
  }

  /** Write down what it says, from now on until it is disposed. */
  listen(): void {
    const again = async (): Promise<void> => {
      while (!this.#left) {
        await this.hear();
        await sleep(LISTEN_MS, undefined, { ref: false });
      }
    };
    // A machine that is lost is said by whatever is asked of it next.
    again().catch(() => {});
  }

  /** All that it has said until now is in its logs then. */
  hear(): Promise<void> {
    const next = this.#listening.then(() => this.#hear());
    this.#listening = next.catch(() => {});
    return next;
  }

  address(port: string): string {
    return addressAmong(this.#addresses, this.name, port);
  }

  async start(): Promise<void> {
    if ((await this.state()) !== 'dead') return;
    const began = performance.now();
    const { command } = this.#recipe;
    const [program = ''] = command;
    try {
      await this.#stay.agent.ask('node-start', hexOf(command), hexOf(this.#environment));
    } catch (cause) {
      if (!(cause instanceof AgentRefusal)) throw cause;
      const { name } = this.#stay.machine.host;
      const missing = cause.message.endsWith('No such file or directory');
      throw new EnvironmentError(
        missing
          ? `${this.name}: ${name} has no ${program}`
          : `${this.name}: ${name} cannot start ${program}: ${cause.message}`,
        {
          hint: missing
            ? `Install it on that machine, where its user finds it on the PATH; or let the recipe bring it.`
            : `It was to run there: ${command.join(' ')}`,
          cause,
        },
      );
    }
    this.clock.started();
    this.#did('start', began, { argv: command });
  }

  async kill(): Promise<void> {
    const began = performance.now();
    await this.#stay.agent.ask('node-kill');
    this.#did('kill', began);
  }

  async stop(patienceMs: number): Promise<'ended' | 'killed'> {
    const began = performance.now();
    const [how] = await this.#stay.agent.ask('node-stop', patienceMs);
    this.#did('stop', began, { how });
    return how as 'ended' | 'killed';
  }

  async pause(): Promise<void> {
    const began = performance.now();
    await this.clock.between(() => this.#stay.agent.ask('node-pause'));
    this.#did('pause', began);
  }

  async resume(): Promise<void> {
    const began = performance.now();
    await this.clock.between(() => this.#stay.agent.ask('node-resume'));
    this.#did('resume', began);
  }

  async state(): Promise<NodeState> {
    return (await this.#stay.agent.ask('node-state'))[0] as NodeState;
  }

  lastLines(count?: number): readonly string[] {
    return this.#output.lastLines(count);
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const began = performance.now();
    await this.#stay.bring('written', await packed(dataFiles(files)));
    this.#did('write', began, { files: Object.keys(files) });
  }

  async exec(command: readonly string[], signal?: AbortSignal): Promise<{ stdout: string; stderr: string }> {
    const began = performance.now();
    const inPlace = [
      'sh',
      '-c',
      'cd "$0" && exec "$@"',
      this.member.data,
      'env',
      ...this.#environment,
      ...command,
    ];
    const { code, stdout, stderr } = await this.#stay.machine.run(inPlace, undefined, signal);
    this.#did('exec', began, { argv: command, exitCode: code });
    if (code !== 0)
      throw new NodeError(this.name, `\`${command.join(' ')}\` exited with ${code}: ${stderr.trim()}`, {
        lastLines: this.lastLines(),
      });
    return { stdout, stderr };
  }

  /** A node that ended right after its start would never become ready: say so at once, with what it said. */
  async assertRuns(): Promise<void> {
    if ((await this.state()) !== 'dead') return;
    const [how = 'for no known reason', number = ''] = await this.#stay.agent.ask('node-ended');
    await this.hear();
    const ending =
      how === 'exit' ? `with exit code ${number}` : how === 'signal' ? `by signal ${number}` : how;
    throw new NodeError(this.name, `ended at once, ${ending}: ${this.#recipe.command.join(' ')}`, {
      lastLines: this.lastLines(),
    });
  }

  /** Fetch its data folder into the run's record; answers what is missing of it. */
  async keepData(): Promise<readonly string[]> {
    const missing = await collectDataFrom(this.#stay.archives, this.member.data, this.#output.folder);
    return missing.map((line) => `${this.name}: ${line}`);
  }

  /** Its end. What it has said, and what its recipe calls logs, is with the record then. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock[Symbol.asyncDispose]();
    await this.kill();
    await this.hear();
    this.#left = true;
    await collectLogsFrom(
      this.#stay.archives,
      this.name,
      this.#recipe.logs ?? [],
      this.#output.folder,
      this.#log,
    );
  }

  get #environment(): readonly string[] {
    const { path, home } = this.#stay.survey;
    const env = { PATH: path, HOME: home, LABRYS_IN: this.#stay.folder, ...this.#recipe.env };
    return Object.entries(env).map(([name, value]) => `${name}=${value}`);
  }

  async #hear(): Promise<void> {
    for (const file of ['stdout.log', 'stderr.log'] as const) {
      for (;;) {
        const [hex = ''] = await this.#stay.agent.ask('follow', file, this.#heard[file], 0);
        if (hex === '') break;
        const bytes = Buffer.from(hex, 'hex');
        this.#heard[file] += bytes.length;
        this.#output[file === 'stdout.log' ? 'stdout' : 'stderr'].write(bytes);
      }
    }
  }

  #did(what: string, began: number, more: Readonly<Record<string, unknown>> = {}): void {
    const ms = Math.round((performance.now() - began) * 10) / 10;
    this.#log({ node: this.name, message: what, ms, ...more });
  }
}
