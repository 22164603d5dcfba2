import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../errors.ts';
import { agentScripts, type Agent } from '../agent.ts';
import type { Archives } from '../docker/collect.ts';
import { LastingLine } from './lasting-line.ts';
import { LEASE_MS, type Machine } from './machine.ts';
import { acrossScript, fileAt, packed } from './packed.ts';
import { surveyOf, type Survey } from './survey.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What the keeper and the agent are made of, by where they lie on the machine. */
const scripts: Readonly<Record<string, string>> = {
  ...agentScripts,
  ...acrossScript,
  'keeper.pl': here('keeper/keeper.pl'),
  'relay.pl': here('keeper/relay.pl'),
};

/** Another run has the machine now. */
export class InUse extends EnvironmentError {}

/**
 * A run's stay on a machine: one folder, whose making is the lock, one keeper in the background, and all that they start.
 * Disposing leaves the machine as it was found.
 *
 *     /var/tmp/labrys/   run  keeper.pid  socket  stdout.log  stderr.log
 *       agent/           keeper.pl  agent.pl  relay.pl …  shaper
 *       brought/         what the recipe brings
 *       data/            the node's own
 */
export class Stay implements AsyncDisposable {
  readonly machine: Machine;
  readonly survey: Survey;
  readonly #line: LastingLine;
  readonly #helpers = new Set<LastingLine>();
  readonly #signs: NodeJS.Timeout;
  #count = 0;

  private constructor(machine: Machine, survey: Survey, line: LastingLine) {
    this.machine = machine;
    this.survey = survey;
    this.#line = line;
    this.#signs = setInterval(() => void line.agent.ask('alive').catch(() => {}), LEASE_MS / 5);
    this.#signs.unref();
  }

  /**
   * Throws {@link InUse} where another run is there.
   *
   * @param leaseMs how long the keeper goes on without hearing of us.
   */
  static async begin(machine: Machine, run: string, leaseMs = LEASE_MS): Promise<Stay> {
    const survey = await surveyOf(machine);
    const { folder, name } = machine.host;
    await lock(machine, run);
    try {
      const files = Object.entries(scripts).map(([path, from]) => fileAt(`agent/${path}`, from));
      const said = await bring(machine, 'agent', await packed(files), [
        ...survey.asRoot,
        'perl',
        `${folder}/agent/keeper.pl`,
        folder,
        run,
        String(survey.uid),
        String(survey.gid),
        String(leaseMs / 1000),
      ]);
      if (said.trim() !== 'kept')
        throw new EnvironmentError(`${name}: the keeper does not start: ${said.trim()}`);
      const line = await LastingLine.to(`the agent on ${name}`, () => relay(machine, 'agent'));
      return new Stay(machine, survey, line);
    } catch (cause) {
      await machine.run([...survey.asRoot, 'rm', '-rf', '--one-file-system', folder]).catch(() => {});
      throw cause;
    }
  }

  get agent(): Agent {
    return this.#line.agent;
  }

  get folder(): string {
    return this.machine.host.folder;
  }

  /** Bring what is packed there, beneath its folder. */
  async bring(name: string, archive: Buffer): Promise<void> {
    await bring(this.machine, name, archive);
  }

  /** Start a program that speaks as the agent does, as root. It ends when disposed, and with the stay. */
  async helper(who: string, argv: readonly string[]): Promise<{ readonly agent: Agent } & AsyncDisposable> {
    const channel = `helper${++this.#count}`;
    await this.agent.ask('helper', channel, hexOf(argv));
    const line = await LastingLine.to(`${who} on ${this.machine.host.name}`, () =>
      relay(this.machine, channel),
    );
    this.#helpers.add(line);
    return {
      agent: line.agent,
      [Symbol.asyncDispose]: async () => {
        this.#helpers.delete(line);
        await line[Symbol.asyncDispose]();
        await this.agent.ask('dismiss', channel);
      },
    };
  }

  /** Archives of paths there. */
  readonly archives: Archives = async (path) =>
    await this.machine.open(['tar', '--sort=name', '-C', dirname(path), '-cf', '-', '--', basename(path)]);

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#signs);
    for (const line of this.#helpers) await line[Symbol.asyncDispose]();
    try {
      await this.agent.ask('finish');
      await this.#line.hungUp();
    } finally {
      await this.#line[Symbol.asyncDispose]();
    }
  }
}

/** As words of a request, whatever is in them. */
export const hexOf = (words: readonly string[]): string =>
  Buffer.from(words.join('\0')).toString('hex') || '00';

function relay(machine: Machine, channel: string): ReturnType<Machine['open']> {
  const { folder } = machine.host;
  return machine.open(['perl', `${folder}/agent/relay.pl`, `${folder}/socket`, channel]);
}

/** Making a folder succeeds for one of those who try it at the same time. */
async function lock(machine: Machine, run: string): Promise<void> {
  const { folder, name } = machine.host;
  const { code, stdout, stderr } = await machine.run(['sh', '-c', locking, folder, run]);
  if (code === 0) return;
  const [what, whose = '?'] = stdout.trim().split(' ');
  if (what === 'alive')
    throw new InUse(`${name} is in use: run ${whose} is there`, {
      hint: 'Wait for it, or list another machine.',
    });
  if (what === 'dead')
    throw new EnvironmentError(`${name} still has what run ${whose} left in ${folder}`, {
      hint: `Remove it with npx labrys clean ${whose}`,
    });
  throw new EnvironmentError(`${name}: the folder ${folder} cannot be made: ${stderr.trim()}`, {
    hint: 'Set folder for that host in labrys.config.ts to one that its user may write to.',
  });
}

/** `$0` is the folder, `$1` the run. A keeper says in its name what it keeps, which a process number alone does not tell. */
const locking = `
if mkdir -m 700 "$0"; then mkdir -m 700 "$0/data" && printf '%s\\n' "$1" > "$0/run"; exit; fi
[ -d "$0" ] || exit 2
run=$(cat "$0/run" 2> /dev/null); pid=$(cat "$0/keeper.pid" 2> /dev/null)
if [ -z "$pid" ] && [ -n "$(find "$0" -maxdepth 0 -mmin -1)" ]; then state=alive
elif [ -n "$pid" ] && tr '\\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF "in $0"; then state=alive
else state=dead; fi
printf '%s %s\\n' "$state" "\${run:-?}"
exit 1`;

/** One file on the way, and what it holds on arrival; then this is run. */
async function bring(
  machine: Machine,
  name: string,
  content: Buffer,
  then: readonly string[] = ['true'],
): Promise<string> {
  const { folder } = machine.host;
  const archive = `${folder}/${name}.tar.gz`;
  await machine.put(archive, content);
  return await machine.read(['sh', '-c', unpacking, folder, archive, ...then]);
}

/** `$0` is the folder, `$1` the archive, and the rest what is run. */
const unpacking = 'tar --no-same-owner -C "$0" -xzf "$1" && rm "$1" && shift && exec "$@"';
