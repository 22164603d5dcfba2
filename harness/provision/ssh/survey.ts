import { EnvironmentError } from '../../errors.ts';
import type { Machine } from './machine.ts';

/** What a machine said of itself, when it was first reached. */
export interface Survey {
  readonly uid: number;
  readonly gid: number;
  readonly path: string;
  readonly home: string;
  /** `x86_64`. */
  readonly hardware: string;
  /** Runs a command as root; nothing where we are root already. */
  readonly asRoot: readonly string[];
  /** Where the connection came from, as the machine sees it: there the clients are. */
  readonly client: string;
  /** Its own end of the connection. */
  readonly server: string;
  readonly sshPort: number;
  readonly has: ReadonlySet<string>;
}

const programs = ['perl', 'tar', 'gzip', 'nft'];

/** Without changing anything. */
const questions = `
PATH=$PATH:/usr/sbin:/sbin
printf 'connection %s\\n' "$SSH_CONNECTION"
printf 'system %s\\n' "$(uname -sm)"
printf 'uid %s\\ngid %s\\n' "$(id -u)" "$(id -g)"
printf 'path %s\\nhome %s\\n' "$PATH" "$HOME"
for it in ${programs.join(' ')}; do command -v "$it" > /dev/null && printf 'has %s\\n' "$it"; done
if [ "$(id -u)" = 0 ]; then echo 'root itself'
elif why=$(sudo -n true 2>&1); then echo 'root sudo'
else printf 'root no %s\\n' "$(printf '%s' "$why" | head -n 1)"; fi`;

/** Throws an {@link EnvironmentError} where no node can live there. */
export async function surveyOf(machine: Machine): Promise<Survey> {
  const { name, user } = machine.host;
  const said = await machine.read(['sh', '-c', questions]);
  const answers = new Map<string, string>();
  const has = new Set<string>();
  for (const line of said.split('\n')) {
    const [word = '', ...rest] = line.split(' ');
    if (word === 'has') has.add(rest.join(' '));
    else answers.set(word, rest.join(' '));
  }
  const [system, hardware = ''] = (answers.get('system') ?? '').split(' ');
  if (system !== 'Linux')
    throw new EnvironmentError(`${name} runs ${system || 'no POSIX shell'}; nodes live on Linux alone`);
  const missing = ['perl', 'tar', 'gzip'].filter((program) => !has.has(program));
  if (missing.length > 0)
    throw new EnvironmentError(`${name} has no ${missing.join(', ')}`, {
      hint: `Install it there: apt-get install ${missing.map((program) => (program === 'perl' ? 'perl-base' : program)).join(' ')}`,
    });
  const [root, ...why] = (answers.get('root') ?? 'no').split(' ');
  if (root === 'no')
    throw new EnvironmentError(
      `${user} may not become root on ${name}: ${why.join(' ') || 'sudo -n failed'}`,
      {
        hint: `Links are cut and processes stopped as root. Give it a line in /etc/sudoers.d: ${user} ALL=(ALL) NOPASSWD: ALL — or set ssh.user to root.`,
      },
    );
  const [client = '', , server = '', port = ''] = (answers.get('connection') ?? '').split(' ');
  return {
    uid: Number(answers.get('uid')),
    gid: Number(answers.get('gid')),
    path: answers.get('path') ?? '/usr/bin:/bin',
    home: answers.get('home') ?? '/',
    hardware,
    asRoot: root === 'sudo' ? ['sudo', '-n', '--'] : [],
    client: plainIPv4(client),
    server: plainIPv4(server),
    sshPort: Number(port) || 22,
    has,
  };
}

/** `::ffff:10.0.0.1`, as a machine with IPv6 calls it. */
const plainIPv4 = (address: string): string => address.replace(/^::ffff:/i, '');
