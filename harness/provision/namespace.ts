import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../errors.ts';
import { commandPath } from './command-path.ts';

/**
 * The harness runs inside the namespaces that it makes, because then it needs no root to make a network, it reaches
 * every node directly, and the kernel itself tears everything down when the harness is gone, however it went.
 */
const script = fileURLToPath(new URL('namespace.pl', import.meta.url));

/** Whether this process is in namespaces made by {@link enterNamespace}. The variable alone could be inherited by one that has left. */
export function insideNamespace(): boolean {
  return process.platform === 'linux' && process.env['LABRYS_NAMESPACE'] === currentNamespace();
}

/**
 * Go on inside. Returns at once when we are there already; otherwise this process *becomes* the one that waits
 * outside, keeping its id, its terminal and its exit code, and the program starts once more within. So call it before
 * anything else has been done. Throws an {@link EnvironmentError} when this machine does not allow it.
 */
export function enterNamespace(
  argv: readonly string[] = [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
): void {
  if (insideNamespace()) return;
  const through = wayIn();
  if (process.execve === undefined) throw new EnvironmentError('the local runtime needs Node 24 or newer');
  process.execve(commandPath('perl') as string, [...through, ...argv], process.env);
}

/** The command line that runs another inside, after checking that it can. As root without a user namespace, if possible. */
export function wayIn(): readonly [string, ...string[]] {
  if (process.platform !== 'linux') {
    throw new EnvironmentError(`network namespaces are Linux's; this is ${process.platform}`, {
      hint: 'Use --runtime docker.',
    });
  }
  if (commandPath('perl') === undefined) {
    throw new EnvironmentError('perl: not on PATH', { hint: 'Install it: apt-get install perl-base' });
  }
  const tried = (process.getuid?.() === 0 ? ['root', 'user'] : ['user']).map((powers) => {
    const through = ['perl', script, powers] as const;
    const { status, stderr } = spawnSync(through[0], [...through.slice(1), 'true'], { encoding: 'utf8' });
    return { through, works: status === 0, why: stderr.trim() };
  });
  const found = tried.find(({ works }) => works);
  if (found) return [...found.through];
  const why = tried.map((way) => way.why).join('; ');
  throw new EnvironmentError(`this machine lets us make no namespaces (${why})`, { hint: hint() });
}

/** Which of the things that are known to forbid it does so here. */
function hint(): string {
  const exhausted = ['user', 'net', 'mnt', 'pid']
    .map((kind) => `user.max_${kind}_namespaces`)
    .find((limit) => setting(limit) === '0');
  const forbidding: readonly (readonly [boolean, string])[] = [
    [exhausted !== undefined, `Allow it: sysctl -w ${exhausted}=10000`],
    [
      setting('kernel.unprivileged_userns_clone') === '0',
      'Allow it: sysctl -w kernel.unprivileged_userns_clone=1',
    ],
    [
      setting('kernel.apparmor_restrict_unprivileged_userns') === '1',
      'AppArmor forbids it: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ],
  ];
  const known = forbidding.find(([applies]) => applies)?.[1];
  const options = ['seccomp', 'apparmor', 'systempaths'].map((one) => `--security-opt ${one}=unconfined`);
  const container = `If this is a container, give it ${options.join(' ')}`;
  const asRoot = process.getuid?.() === 0 ? '' : 'run as root, or ';
  return `${known ?? container}; or ${asRoot}use --runtime docker.`;
}

function setting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function currentNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/net');
  } catch {
    return undefined;
  }
}
