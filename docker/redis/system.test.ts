import { expect, test } from 'vitest';
import type { Member, Settings } from '../../harness/index.ts';
import { members } from '../testing/members.ts';
import system from './system.ts';

const all = members(3, system.ports);
const filesOf = (at: number, options: Settings['options'] = {}): Readonly<Record<string, string>> =>
  system.recipe(all[at] as Member, all, { options, bug: undefined, runtime: 'docker' }).files ?? {};

test('the first node begins as the primary, and the others follow it', () => {
  expect(filesOf(0)['redis.conf']).not.toContain('replicaof');
  expect(filesOf(1)['redis.conf']).toContain('\nreplicaof 10.0.0.1 6379\n');
});

test('every Sentinel watches the first node, and a majority of them has to agree that it is gone', () => {
  for (const at of [0, 2]) expect(filesOf(at)['sentinel.conf']).toContain('monitor labrys 10.0.0.1 6379 2\n');
});

test.each([
  [{}, ['appendonly yes', 'appendfsync everysec', 'min-replicas-to-write 0']],
  [{ aof: 'off' }, ['appendonly no']],
  [{ aof: 'always', 'min-replicas': '1' }, ['appendfsync always', 'min-replicas-to-write 1']],
])('what the options say is in its configuration: %j', (options, lines) => {
  for (const line of lines) expect(filesOf(0, options)['redis.conf']).toContain(`\n${line}\n`);
});

test.each([{ wait: 'all' }, { 'min-replicas': '-1' }])(
  'a number of replicas that makes no sense is refused: %j',
  (options) => {
    expect(() => filesOf(0, options)).toThrow('should be a whole number of replicas');
  },
);
