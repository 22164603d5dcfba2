import { homedir, userInfo } from 'node:os';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { SshAccess, SshConfig, SshHost, SshJump } from '../../config.ts';
import { UsageError } from '../../errors.ts';

/** A machine, with everything that is needed to reach it. Plain data without secrets: claims keep it. */
export interface Host {
  /** What people call it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absent: those in `~/.ssh`. */
  readonly key?: string;
  readonly agent: boolean;
  readonly knownHosts: string;
  readonly fingerprint?: string;
  readonly address?: string;
  /** All that it has of us is in here. */
  readonly folder: string;
  readonly jump?: Host;
}

/** The hosts of a configuration, each with what is said for all of them. */
export function hostsOf(config: SshConfig): readonly Host[] {
  const hosts = config.hosts.map((one) => hostOf(one, config));
  const twice = hosts.find((one, i) => hosts.findIndex(({ name }) => name === one.name) !== i);
  if (twice !== undefined)
    throw new UsageError(`the configuration lists the host ${twice.name} twice`, {
      hint: 'Give each a name of its own.',
    });
  return hosts;
}

/** Those of the listed hosts that are asked for, in the order asked; all of them, where nothing is. */
export function chosen(config: SshConfig | undefined, names: readonly string[] | undefined): SshConfig {
  const listed = config === undefined ? [] : hostsOf(config);
  if (config === undefined || listed.length === 0)
    throw new UsageError('no hosts are listed for the runtime ssh', {
      hint: "List them in labrys.config.ts: export default { ssh: { hosts: ['root@db1', …] } }. See docs/cookbook/ssh.md.",
    });
  if (names === undefined) return config;
  const hosts = names.map((name) => {
    const at = listed.findIndex((one) => one.name === name);
    const found = config.hosts[at];
    if (found === undefined)
      throw new UsageError(`the host ${JSON.stringify(name)} is not listed in the configuration`, {
        hint: `Labrys breaks things only where it was told that it may. Listed are: ${listed.map((one) => one.name).join(', ')}.`,
      });
    return found;
  });
  return { ...config, hosts };
}

function hostOf(said: string | SshHost, config: SshConfig): Host {
  const own: SshHost = typeof said === 'string' ? parse(said) : said;
  const jump = own.jump ?? config.jump;
  if (own.address !== undefined && !isIPv4(own.address))
    throw new UsageError(
      `host ${own.name ?? own.host}: address ${JSON.stringify(own.address)} is not an IPv4 address`,
      {
        hint: 'Links are cut by IPv4 address. Leave it out where it is the one that ssh reaches.',
      },
    );
  return {
    ...reached(own, config),
    ...(own.address === undefined ? {} : { address: own.address }),
    folder: join(own.folder ?? '/var/tmp', 'labrys'),
    ...(jump === undefined
      ? {}
      : { jump: { ...reached(typeof jump === 'string' ? parse(jump) : jump, config), folder: '/' } }),
  };
}

function reached(own: SshHost | SshJump, all: SshAccess): Omit<Host, 'folder'> {
  const key = own.key ?? all.key;
  return {
    name: ('name' in own ? own.name : undefined) ?? own.host,
    host: own.host,
    port: own.port ?? all.port ?? 22,
    user: own.user ?? all.user ?? userInfo().username,
    ...(key === undefined ? {} : { key: atHome(key) }),
    agent: own.agent ?? all.agent ?? true,
    knownHosts: atHome(own.knownHosts ?? all.knownHosts ?? '~/.ssh/known_hosts'),
    ...(own.fingerprint === undefined ? {} : { fingerprint: own.fingerprint }),
  };
}

/** `user@host:port`, each but the host left out at will. */
function parse(text: string): SshHost {
  const [, user, host, port] = /^(?:([^@\s]+)@)?([^@:\s]+)(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined)
    throw new UsageError(`${JSON.stringify(text)} is no host`, {
      hint: "Like 'db1', 'root@10.0.0.11' or 'root@db1:2222'.",
    });
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

const atHome = (path: string): string => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
