import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../errors.ts';
import { chosen, hostsOf } from './host.ts';

test('a host is as it says itself, else as is said for all, else as usual', () => {
  const hosts = hostsOf({
    user: 'all',
    jump: 'me@bastion',
    hosts: [
      'db1',
      'root@10.0.0.2:2222',
      { host: 'db3', name: 'third', key: '~/.ssh/key', folder: '/srv', jump: { host: 'other', port: 23 } },
    ],
  });
  const usual = { agent: true, knownHosts: join(homedir(), '.ssh/known_hosts') };
  const bastion = { ...usual, name: 'bastion', host: 'bastion', port: 22, user: 'me', folder: '/' };
  expect(hosts).toEqual([
    { ...usual, name: 'db1', host: 'db1', port: 22, user: 'all', folder: '/var/tmp/labrys', jump: bastion },
    {
      ...usual,
      name: '10.0.0.2',
      host: '10.0.0.2',
      port: 2222,
      user: 'root',
      folder: '/var/tmp/labrys',
      jump: bastion,
    },
    {
      ...usual,
      name: 'third',
      host: 'db3',
      port: 22,
      user: 'all',
      key: join(homedir(), '.ssh/key'),
      folder: '/srv/labrys',
      jump: { ...usual, name: 'other', host: 'other', port: 23, user: 'all', folder: '/' },
    },
  ]);
  expect(hostsOf({ hosts: ['db1'] })[0]?.user).toBe(userInfo().username);
});

test('hosts are chosen by name, in the order asked, and none that is not listed', () => {
  const config = { hosts: ['db1', 'db2', { host: '10.0.0.3', name: 'db3' }] };
  expect(hostsOf(chosen(config, ['db3', 'db1'])).map(({ name }) => name)).toEqual(['db3', 'db1']);
  expect(chosen(config, undefined)).toBe(config);
  expect(() => chosen(config, ['db1', '10.0.0.3'])).toThrow(/"10.0.0.3" is not listed/);
  expect(() => chosen(undefined, ['db1'])).toThrow(/no hosts are listed/);
  expect(() => chosen({ hosts: [] }, undefined)).toThrow(UsageError);
});

test('what cannot be a host is said', () => {
  expect(() => hostsOf({ hosts: ['a b'] })).toThrow(/"a b" is no host/);
  expect(() => hostsOf({ hosts: ['db1', 'me@db1'] })).toThrow(/lists the host db1 twice/);
  expect(() => hostsOf({ hosts: [{ host: 'db1', address: 'fe80::1' }] })).toThrow(/not an IPv4 address/);
});
