import type { Member } from '../../harness/index.ts';

/** Where a node finds its configuration: a file, because it is another one when the node joins again. */
export const CONFIG = 'etcd.json';

/** As `initial-cluster` has it. */
export const peerOf = (member: Member): string => `${member.name}=${peerUrl(member)}`;
export const peerUrl = (member: Member): string => `http://${member.address('peer')}`;

/**
 * etcd reads YAML, and JSON is some. A node that finds data in its folder goes on with that, whatever is said here about the
 * cluster; so one that joins again has a folder of its own.
 */
export function configOf(
  self: Member,
  cluster: string,
  { state = 'new', folder = 'etcd' }: { readonly state?: 'new' | 'existing'; readonly folder?: string } = {},
): string {
  return `${JSON.stringify(
    {
      name: self.name,
      'data-dir': `${self.data}/${folder}`,
      'listen-peer-urls': peerUrl(self),
      'initial-advertise-peer-urls': peerUrl(self),
      'listen-client-urls': `http://${self.address('client')}`,
      'advertise-client-urls': `http://${self.address('client')}`,
      'initial-cluster': cluster,
      'initial-cluster-state': state,
      // On by default, but not where there is a file (3.4).
      'enable-grpc-gateway': true,
      // etcd's own defaults, named because runs depend on them. A leader that two busy cores keep from running for a
      // second is deposed, which harms nothing but the throughput.
      'heartbeat-interval': 100,
      'election-timeout': 1000,
    },
    null,
    2,
  )}\n`;
}
