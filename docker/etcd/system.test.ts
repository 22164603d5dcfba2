import { expect, test } from 'vitest';
import type { Member, Settings } from '../../harness/index.ts';
import system from './system.ts';

const member = (number: number): Member => ({
  name: `n${number}`,
  number,
  host: `10.0.0.${number}`,
  data: '/data',
  address: (port) => `10.0.0.${number}:${port}`,
});
const settingsOf = (options: Settings['options']): Settings => ({
  options,
  bug: undefined,
  runtime: 'docker',
});

test('etcd can be asked everything that the workloads ask', () => {
  expect(system.clients.map(({ workload }) => workload)).toEqual([
    'register',
    'set',
    'list-append',
    'bank',
    'counter',
    'unique-ids',
  ]);
});

test('every version is built from a base of its own, under a name of its own', () => {
  const made = ['3.4.23', '3.5.16', '3.5.30'].map((version) =>
    system.recipe(member(1), [member(1)], settingsOf({ version })),
  );
  expect(made.map(({ image, build }) => [image, build?.bases])).toEqual([
    ['labrys-etcd:bookworm', ['debian:bookworm-slim']],
    ['labrys-etcd:trixie', ['debian:trixie-slim']],
    ['labrys-etcd:sid', ['debian:sid-slim']],
  ]);
});

test('every member is told of all members, and listens where they look for it', () => {
  const members = [member(1), member(2), member(3)];
  const { command, files = {} } = system.recipe(member(2), members, settingsOf({}));
  expect(command).toEqual(['etcd', '--config-file', '/data/etcd.json']);
  const config = JSON.parse(files['etcd.json'] as string) as Record<string, unknown>;
  const flag = (name: string): unknown => config[name];
  expect(flag('initial-cluster')).toBe(
    'n1=http://10.0.0.1:peer,n2=http://10.0.0.2:peer,n3=http://10.0.0.3:peer',
  );
  expect(flag('listen-peer-urls')).toBe('http://10.0.0.2:peer');
  expect(flag('name')).toBe('n2');
});
