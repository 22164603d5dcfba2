import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hostsOf, type Host } from './host.ts';
import { fingerprintOf, knownKeys, typesFor, whyNotTrusted } from './host-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'labrys-known-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As on the wire: the length and the name of the type, then the rest. */
function keyOf(type: string, filling: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.alloc(32, filling)]);
}

const [one, other] = [keyOf('ssh-ed25519', 1), keyOf('ssh-ed25519', 2)];
const line = (hosts: string, key: Buffer, type = 'ssh-ed25519'): string =>
  `${hosts} ${type} ${key.toString('base64')}`;

function host(known: string, more: object = {}): Host {
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, known);
  return hostsOf({ hosts: [{ host: 'db1', ...more }], knownHosts })[0] as Host;
}

describe('a host key', () => {
  test('that is known is trusted, by name, by pattern, in a list, at another port, or hashed', () => {
    const salt = randomBytes(20);
    const hash = createHmac('sha1', salt).update('db1').digest('base64');
    for (const [hosts, more] of [
      ['db1'],
      ['DB1'],
      ['10.0.0.9,db1'],
      ['db?'],
      ['*'],
      ['[db1]:2222', { port: 2222 }],
      [`|1|${salt.toString('base64')}|${hash}`],
    ] as [string, object?][]) {
      const known = `# a comment\n\n${line('elsewhere', other)}\n${line(hosts, one)} somebody@somewhere\n`;
      expect(whyNotTrusted(host(known, more), one), hosts).toBeUndefined();
      expect(whyNotTrusted(host(known, more), other), hosts).toBeDefined();
    }
  });

  test('of somebody else is not: another name, another port, one that is excepted', () => {
    for (const hosts of ['db11', 'd', '[db1]:2222', '!db1,*', 'db.'])
      expect(whyNotTrusted(host(line(hosts, one)), one)?.message, hosts).toMatch(/is not known/);
  });

  test('that nobody has written down is refused, and what to do is said with its fingerprint', () => {
    const refused = whyNotTrusted(host(''), one);
    expect(refused?.message).toContain(`it shows ${fingerprintOf(one)} (ssh-ed25519)`);
    expect(refused?.hint).toContain(`fingerprint: '${fingerprintOf(one)}'`);
  });

  test('that has changed is refused, with both fingerprints, the line, and how to forget the old one', () => {
    const refused = whyNotTrusted(host(`\n${line('db1', one)}\n`), other);
    expect(refused?.message).toMatch(/host key of db1 \(db1:22\) has changed/);
    expect(refused?.message).toContain(fingerprintOf(other));
    expect(refused?.message).toContain(`known_hosts:2 has ${fingerprintOf(one)}`);
    expect(refused?.hint).toMatch(/somebody may be in between/);
    expect(refused?.hint).toContain("ssh-keygen -R 'db1'");
  });

  test('that was revoked is refused, whatever else is known', () => {
    const known = `${line('db1', one)}\n@revoked ${line('*', one)}`;
    expect(whyNotTrusted(host(known), one)?.message).toMatch(/has been revoked/);
  });

  test('in the configuration counts alone, and known hosts are not asked', () => {
    const both = host(line('db1', other), { fingerprint: fingerprintOf(one) });
    expect(whyNotTrusted(both, one)).toBeUndefined();
    expect(whyNotTrusted(both, other)?.message).toMatch(/is not the one in the configuration/);
  });

  test('is asked for in a type that is known, so that another type of the same host is not taken for a change', () => {
    const known = `${line('db1', one)}\n${line('db1', keyOf('ssh-rsa', 3), 'ssh-rsa')}\n@cert-authority ${line('*', other)}`;
    expect(typesFor(knownKeys(host(known)))).toEqual(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']);
  });

  test('has the fingerprint that ssh-keygen prints', () => {
    // ssh-keygen -lf of that line printed this.
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJhHZyI5ncqNdAFV0zFGDkNHK2G4dGsxri0SUih48/1R';
    expect(fingerprintOf(Buffer.from(key, 'base64'))).toBe(
      'SHA256:W273Stomf98dLDqMSJ3YZ15OFOHfXaKuxSKgyQwoPy0',
    );
  });
});
