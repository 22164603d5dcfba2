import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyAuthMethod, Client, ClientChannel, ConnectConfig, SFTPWrapper } from 'ssh2';
import { EnvironmentError } from '../../errors.ts';
import type { Host } from './host.ts';
import { knownKeys, typesFor, whyNotTrusted } from './host-key.ts';
import { quote } from './quote.ts';

/** How long a machine may take from the first packet to a session. */
const GREETING_MS = 15_000;
const FAREWELL_MS = 2_000;
/** A connection on which this often nothing has come back is lost. */
const KEEPALIVE = { keepaliveInterval: 2_000, keepaliveCountMax: 3 };

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One connection to a machine, with many commands over it, also at the same time. */
export interface Connection extends AsyncDisposable {
  readonly lost: boolean;
  /** Run a program; each word arrives there as it is. Its input is `input`, or nothing. */
  run(words: readonly string[], input?: string | Buffer, signal?: AbortSignal): Promise<Ran>;
  /** Start a program and speak with it. */
  open(words: readonly string[]): Promise<ClientChannel>;
  /** Write a file, by SFTP. */
  put(path: string, content: Buffer): Promise<void>;
  /** A connection from that machine to somewhere else. */
  forward(host: string, port: number): Promise<Duplex>;
}

/** @param through an open way to its sshd, where that is not reached directly. */
export async function connectTo(host: Host, through?: Duplex): Promise<Connection> {
  const { Client: Ssh, utils } = (await import('ssh2')).default;
  const { methods, tried } = keysFor(host, (key) => !(utils.parseKey(key) instanceof Error));
  const known = knownKeys(host);
  const types = host.fingerprint === undefined ? typesFor(known) : [];
  let distrust: EnvironmentError | undefined;
  const client = new Ssh();
  const settings: ConnectConfig = {
    ...(through === undefined ? { host: host.host, port: host.port } : { sock: through }),
    username: host.user,
    readyTimeout: GREETING_MS,
    ...KEEPALIVE,
    agentForward: false,
    authHandler: [...methods],
    // The types are narrower than the list of what it takes.
    algorithms:
      types.length > 0 ? ({ serverHostKey: types } as NonNullable<ConnectConfig['algorithms']>) : {},
    hostVerifier: (key: Buffer) => (distrust = whyNotTrusted(host, key, known)) === undefined,
  };
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', (cause) => reject(distrust ?? refusal(host, cause, tried)));
    client.once('close', () => reject(distrust ?? refusal(host, new Error('it hung up'), tried)));
    client.connect(settings);
  });
  // Requests are small, and each waits for its answer: without this, many wait 40 ms for an acknowledgement of the last.
  client.setNoDelay(true);
  return connection(host, client);
}

function connection(host: Host, client: Client): Connection {
  let lost = false;
  client.on('error', () => {}); // What is under way fails by itself; it is not the program's end.
  client.once('close', () => (lost = true));
  const promised = <T>(
    what: string,
    act: (done: (error: Error | undefined | null, it: T) => void) => void,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const gone = (): void =>
        reject(new EnvironmentError(`the connection to ${host.name} was lost: ${what}`));
      if (lost) return gone();
      client.once('close', gone);
      try {
        act((error, it) => {
          client.off('close', gone);
          if (error)
            reject(new EnvironmentError(`${host.name}: cannot ${what}: ${error.message}`, { cause: error }));
          else resolve(it);
        });
      } catch (error) {
        client.off('close', gone);
        reject(error as Error);
      }
    });
  let files: Promise<SFTPWrapper> | undefined;

  const open = (words: readonly string[]): Promise<ClientChannel> =>
    promised(`run ${words[0]}`, (done) => client.exec(quote(words), done));

  return {
    get lost() {
      return lost;
    },
    open,
    async run(words, input, signal) {
      signal?.throwIfAborted();
      const { channel, ended } = await promised<Started>(`run ${words[0]}`, (done) =>
        client.exec(quote(words), (error, channel) =>
          done(error, error ? (undefined as never) : started(channel)),
        ),
      );
      const stop = (): void => void channel.destroy();
      signal?.addEventListener('abort', stop, { once: true });
      channel.end(input);
      try {
        const [stdout, stderr, code] = await Promise.all([text(channel), text(channel.stderr), ended]);
        signal?.throwIfAborted();
        return { code, stdout, stderr };
      } catch (cause) {
        signal?.throwIfAborted();
        throw new EnvironmentError(`${host.name}: ${words[0]} was cut short: ${(cause as Error).message}`, {
          cause,
        });
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },
    async put(path, content) {
      files ??= promised('open SFTP', (done) => client.sftp(done));
      const sftp = await files.catch((cause: Error) => {
        throw new EnvironmentError(cause.message, {
          hint: 'Its sshd needs a line like: Subsystem sftp internal-sftp',
          cause,
        });
      });
      await promised<unknown>(`write ${path}`, (done) => {
        const file = sftp.createWriteStream(path, { mode: 0o600 });
        file.once('error', (error: Error) => done(error, undefined));
        file.once('close', () => done(undefined, undefined));
        file.end(content);
      });
    },
    forward: (to, port) =>
      promised<Duplex>(`connect to ${to}:${port}`, (done) =>
        client.forwardOut('127.0.0.1', 0, to, port, (error, channel) => done(error, channel)),
      ),
    async [Symbol.asyncDispose]() {
      // Its server there has ended when this is closed; of the end of the connection itself nobody would tell us.
      const sftp = await files?.catch(() => undefined);
      if (sftp !== undefined && !lost) {
        const closed = once(sftp, 'close');
        sftp.end();
        await Promise.race([closed, sleep(FAREWELL_MS, undefined, { ref: false })]);
      }
      client.end();
      client.destroy();
    },
  };
}

interface Started {
  readonly channel: ClientChannel;
  /** Its exit code. */
  readonly ended: Promise<number>;
}

/** At once, for a quick program's end comes in the packet after its beginning. */
function started(channel: ClientChannel): Started {
  const ended = new Promise<number>((resolve) => {
    channel.once('exit', (code: number | null) => resolve(code ?? 255));
    channel.once('close', () => resolve(255));
  });
  return { channel, ended };
}

/** What is tried to log in, in this order, and how to call it. */
function keysFor(
  host: Host,
  usable: (key: Buffer) => boolean,
): { methods: readonly AnyAuthMethod[]; tried: readonly string[] } {
  const { user: username } = host;
  const tried: string[] = [];
  const methods: AnyAuthMethod[] = [];
  const paths = host.key === undefined ? usualKeys.filter((path) => existsSync(path)) : [host.key];
  for (const path of paths) {
    const key = read(host, path);
    tried.push(usable(key) ? path : `${path} (not usable: it has a passphrase, or is no key)`);
    if (usable(key)) methods.push({ type: 'publickey', username, key });
  }
  const socket = process.env['SSH_AUTH_SOCK'];
  if (host.agent && socket) {
    tried.push('the ssh agent');
    methods.push({ type: 'agent', username, agent: socket });
  }
  return { methods, tried };
}

const usualKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(homedir(), '.ssh', name));

function read(host: Host, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new EnvironmentError(`the key for ${host.name} cannot be read: ${(cause as Error).message}`, {
      hint: 'Set ssh.key in labrys.config.ts to the path of a private key.',
      cause,
    });
  }
}

/** Why there is no connection, in words. */
function refusal(
  host: Host,
  cause: Error & { level?: string; code?: string },
  tried: readonly string[],
): EnvironmentError {
  const where = `${host.name} (${host.host}:${host.port})`;
  if (cause.level === 'client-authentication')
    return new EnvironmentError(
      `${where} lets ${host.user} not in: ${tried.length === 0 ? 'there was no key to try' : `it refused ${tried.join(', ')}`}`,
      {
        hint: `Does ssh -p ${host.port} ${host.user}@${host.host} work without a password? Set ssh.user and ssh.key in labrys.config.ts, or load the key into the agent (ssh-add).`,
        cause,
      },
    );
  const why =
    cause.level === 'client-timeout'
      ? `no answer in ${GREETING_MS / 1000} s`
      : (reasons[cause.code ?? ''] ?? cause.message);
  return new EnvironmentError(`${where} cannot be reached by ssh: ${why}`, {
    hint:
      host.jump === undefined
        ? 'Is it up, and is that its address and port? A machine behind another one needs jump.'
        : `It was tried through ${host.jump.name}, which was reached.`,
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'no answer',
};
