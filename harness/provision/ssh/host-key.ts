import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EnvironmentError } from '../../errors.ts';
import type { Host } from './host.ts';

/** A host key that is known, and where that is written. */
interface Known {
  readonly type: string;
  readonly key: string;
  readonly line: number;
  readonly revoked: boolean;
}

/** As `ssh-keygen -lf` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519`: a public key begins with the length and the name of its type. */
function typeOf(key: Buffer): string {
  return key.length < 4 ? '?' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/**
 * Why this host is not to be trusted by the key that it shows; `undefined` where it is. Nothing is ever learnt: a key that
 * nobody has written down is refused.
 */
export function whyNotTrusted(
  host: Host,
  key: Buffer,
  known = knownKeys(host),
): EnvironmentError | undefined {
  const shown = `${fingerprintOf(key)} (${typeOf(key)})`;
  const [where, place] = [`${host.name} (${host.host}:${host.port})`, placeOf(host)];
  if (host.fingerprint !== undefined) {
    if (host.fingerprint === fingerprintOf(key)) return undefined;
    return new EnvironmentError(
      `the host key of ${where} is not the one in the configuration: it shows ${shown}, and should show ${host.fingerprint}`,
      { hint: changed },
    );
  }
  const encoded = key.toString('base64');
  if (known.some((one) => one.revoked && one.key === encoded))
    return new EnvironmentError(
      `the host key of ${where} has been revoked in ${host.knownHosts}: it shows ${shown}`,
    );
  const valid = known.filter(({ revoked }) => !revoked);
  if (valid.some((one) => one.key === encoded)) return undefined;
  const [first] = valid;
  if (first === undefined)
    return new EnvironmentError(
      `the host key of ${where} is not known: it shows ${shown}, and ${host.knownHosts} has none for it`,
      {
        hint: `Compare it with what the machine itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub). Then run ssh ${place} once, or set fingerprint: '${fingerprintOf(key)}' in labrys.config.ts.`,
      },
    );
  return new EnvironmentError(
    `the host key of ${where} has changed: it shows ${shown}, and ${host.knownHosts}:${first.line} has ${fingerprintOf(Buffer.from(first.key, 'base64'))} (${first.type})`,
    { hint: `${changed} Then: ssh-keygen -R '${marked(host)}' -f ${host.knownHosts}` },
  );
}

const changed =
  'Was the machine installed anew? If not, somebody may be in between. If so, compare with what the machine itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub).';

/** Which kinds of keys are known of a host, so that it is asked to show one of those. */
export function typesFor(known: readonly Known[]): readonly string[] {
  const types = new Set(known.filter(({ revoked }) => !revoked).map(({ type }) => type));
  return [...types].flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : type));
}

/** What its file of known hosts has for a host. Certificate authorities are not understood, and are left out. */
export function knownKeys(host: Host): readonly Known[] {
  let text: string;
  try {
    text = readFileSync(host.knownHosts, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line, index): Known[] => {
    const words = line.trim().split(/\s+/);
    const mark = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts = '', type, key] = words;
    if (hosts === '' || hosts.startsWith('#') || type === undefined || key === undefined) return [];
    if (mark === '@cert-authority' || !isFor(hosts, host)) return [];
    return [{ type, key, line: index + 1, revoked: mark === '@revoked' }];
  });
}

/** Names with commas between, `*` and `?` and `!` among them; or one that is hashed: `|1|salt|hash`. */
function isFor(hosts: string, host: Host): boolean {
  const name = marked(host);
  const [, kind, salt, hash] = hosts.split('|');
  if (kind === '1' && salt !== undefined)
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  const patterns = hosts.split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(name);
}

/** As known hosts are written: with the port where it is not the usual one. */
const marked = ({ host, port }: Host): string => (port === 22 ? host : `[${host}]:${port}`);
const placeOf = ({ host, port, user }: Host): string => `${port === 22 ? '' : `-p ${port} `}${user}@${host}`;
