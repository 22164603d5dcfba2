import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../errors.ts';

/**
 * The agent's source, and that of what tries out disks: Perl that needs nothing but perl-base. What each can be asked is written at its
 * top.
 */
export const agentScripts = {
  'agent.pl': fileURLToPath(new URL('agent.pl', import.meta.url)),
  'agent-probes.pl': fileURLToPath(new URL('agent-probes.pl', import.meta.url)),
  'clock/memory.pl': fileURLToPath(new URL('clock/memory.pl', import.meta.url)),
  'clock/reader.pl': fileURLToPath(new URL('clock/reader.pl', import.meta.url)),
  'limits/limits.pl': fileURLToPath(new URL('limits/limits.pl', import.meta.url)),
  'limits/groups.pl': fileURLToPath(new URL('limits/groups.pl', import.meta.url)),
  'limits/request.pl': fileURLToPath(new URL('limits/request.pl', import.meta.url)),
  'disk/disk.pl': fileURLToPath(new URL('disk/disk.pl', import.meta.url)),
};

/** Longer than any command takes, a probe included; an agent that is silent for so long is lost. */
const patienceMs = 10_000;

interface Asked {
  readonly resolve: (words: string[]) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Our end of the line to an agent, wherever it runs: a child process, or a container that we are attached to.
 *
 * Requests may overlap. They are carried out in the order asked, a cut in some 50 µs; a probe answers later and
 * holds up nothing.
 */
export class Agent {
  readonly #input: Writable;
  readonly #asked = new Map<number, Asked>();
  readonly #who: string;
  readonly #patienceMs: number;
  #last = 0;
  #lost: Error | undefined;

  /** @param waitMs longer than any answer takes. */
  constructor(input: Writable, output: Readable, who = 'the network agent', waitMs = patienceMs) {
    this.#input = input;
    this.#who = who;
    this.#patienceMs = waitMs;
    const lines = createInterface({ input: output });
    lines.on('line', (line) => this.#hear(line));
    lines.on('close', () => this.lose('its output ended'));
    input.on('error', (error) => this.lose(error.message));
  }

  /** Ask for a command; resolves to the words of the answer. */
  ask(command: string, ...words: readonly (string | number)[]): Promise<string[]> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const ms = this.#patienceMs;
      const timer = setTimeout(() => this.lose(`no answer to ${command} for ${ms} ms`), ms);
      this.#asked.set(id, { resolve, reject, timer });
      this.#input.write(`${[id, command, ...words].join(' ')}\n`);
    });
  }

  /** Whether the line is down. */
  get gone(): boolean {
    return this.#lost !== undefined;
  }

  /** The line is down: whatever was asked, and all that will be, fails with this. */
  lose(why: string): void {
    this.#lost ??= new EnvironmentError(`${this.#who} is gone: ${why}`);
    for (const asked of this.#asked.values()) {
      clearTimeout(asked.timer);
      asked.reject(this.#lost);
    }
    this.#asked.clear();
  }

  #hear(line: string): void {
    const [id, outcome, ...words] = line.split(' ');
    const asked = this.#asked.get(Number(id));
    if (asked === undefined) return;
    this.#asked.delete(Number(id));
    clearTimeout(asked.timer);
    if (outcome === 'ok') asked.resolve(words);
    else asked.reject(new AgentRefusal(words.join(' ')));
  }
}

/** The agent could not do what it was asked; the message is its own: `bridge here …: File exists`. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal';
}

/** An agent as a child of this process. Ends with it, or when disposed. */
export interface LocalAgent extends AsyncDisposable {
  readonly agent: Agent;
  readonly pid: number;
}

/** Start an agent here. `through` runs before it on the command line: `perl namespace.pl root`. */
export function startAgent(through: readonly string[] = []): Promise<LocalAgent> {
  return startHelper('the network agent', [...through, 'perl', agentScripts['agent.pl']]);
}

/** Start a program that speaks as the agent does. */
export async function startHelper(who: string, [file = '', ...argv]: readonly string[]): Promise<LocalAgent> {
  // A group of its own, so that Ctrl-C leaves it alive to heal what it has cut.
  const child = spawn(file, argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const agent = new Agent(child.stdin, child.stdout, who);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  child.on('exit', (code, signal) => agent.lose(said.trim() || `exit ${code ?? signal}`));
  child.on('error', (error) => agent.lose(error.message));
  await Promise.race([once(child, 'spawn'), once(child, 'error')]);
  if (child.pid === undefined) {
    throw new EnvironmentError(
      `${file} cannot be started`,
      file === 'perl' ? { hint: 'install it: apt-get install perl-base' } : {},
    );
  }
  return {
    agent,
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}
