/** What a project says once, in `labrys.config.ts`, rather than on each command line. */
export interface Config {
  /** The machines that `--runtime ssh` may use. It touches no others. */
  readonly ssh?: SshConfig;
}

export interface SshConfig extends SshAccess {
  /** Each by itself, or as `user@host:port`. A run takes the first that no other run has, one for each node. */
  readonly hosts: readonly (string | SshHost)[];
  /** A machine that all others are reached through, unless a host names another. */
  readonly jump?: string | SshJump;
}

/** How a machine is reached. What a host does not say is as the configuration says for all. */
export interface SshAccess {
  /** Default: who runs the harness. Root, or someone whom `sudo -n` makes root without a password. */
  readonly user?: string;
  /** Default 22. */
  readonly port?: number;
  /** Path of a private key. Default: the keys in `~/.ssh`. Keys with a passphrase are left to the agent. */
  readonly key?: string;
  /** Whether the agent at SSH_AUTH_SOCK is asked for keys. It is never forwarded. Default true. */
  readonly agent?: boolean;
  /** Where host keys are known. Default `~/.ssh/known_hosts`. */
  readonly knownHosts?: string;
}

export interface SshJump extends SshAccess {
  /** A name or an address. */
  readonly host: string;
  /** The host key's, as `ssh-keygen -lf` prints it: `SHA256:…`. With it, known hosts are not asked. */
  readonly fingerprint?: string;
}

export interface SshHost extends SshJump {
  /** What `--hosts` and messages call it. Default: its host. */
  readonly name?: string;
  /** The IPv4 address at which the other nodes reach it. Default: where the ssh connection arrived. */
  readonly address?: string;
  /** Where its files lie during a run, in a folder `labrys` that ends with the run. Default `/var/tmp`. */
  readonly folder?: string;
  /** A machine that it is reached through. */
  readonly jump?: string | SshJump;
}

export function defineConfig(config: Config): Config {
  return config;
}
