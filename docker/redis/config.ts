import { type Member, type Settings, type System, UsageError } from '../../harness/index.ts';
import { SERVICE } from './primary.ts';

/** What can be asked of whatever replicates. */
export const replication = {
  wait: { about: 'after each write, WAIT for so many replicas to have it', default: '0' },
  'min-replicas': { about: 'a primary takes writes only while so many replicas follow it', default: '0' },
  aof: {
    about: 'when what is written is on the disk; off: never',
    default: 'everysec',
    choices: ['everysec', 'always', 'off'],
  },
} satisfies System['options'];

/** Servers rewrite their configuration, so that what Sentinel has told them outlives them. Throws where an option makes no sense. */
export function serverConfig(
  self: Member,
  { options }: Settings,
  more: Readonly<Record<string, string>> = {},
): string {
  const aof = options['aof'] ?? 'everysec';
  for (const name of ['wait', 'min-replicas'])
    if (!/^\d+$/.test(options[name] ?? '0'))
      throw new UsageError(`${name} should be a whole number of replicas; it is ${options[name]}`);
  return lines({
    bind: self.host,
    port: portOf(self, 'redis'),
    'protected-mode': 'no',
    dir: self.data,
    appendonly: aof === 'off' ? 'no' : 'yes',
    appendfsync: aof === 'off' ? 'everysec' : aof,
    'min-replicas-to-write': options['min-replicas'] ?? '0',
    // Redis' default of 10 s would hide the option in a run of a minute.
    'min-replicas-max-lag': '2',
    // A replica that is new, or was away, is served at once.
    'repl-diskless-sync-delay': '0',
    'repl-ping-replica-period': '1',
    'repl-timeout': '5',
    ...more,
  });
}

/** Sentinel beside a server. Its defaults, 30 s until a server counts as down, are for longer nights than ours. */
export function sentinelConfig(self: Member, members: readonly Member[]): string {
  const [first] = members as readonly [Member];
  const majority = Math.floor(members.length / 2) + 1;
  return `${lines({
    bind: self.host,
    port: portOf(self, 'sentinel'),
    'protected-mode': 'no',
    dir: self.data,
  })}sentinel announce-ip ${self.host}
sentinel monitor ${SERVICE} ${first.host} ${portOf(first, 'redis')} ${majority}
sentinel down-after-milliseconds ${SERVICE} 2000
sentinel failover-timeout ${SERVICE} 6000
`;
}

const portOf = (member: Member, port: string): string => member.address(port).split(':').at(-1) as string;

function lines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}
