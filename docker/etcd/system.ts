import { type Context, deadline, defineSystem, type Leader, type Node } from '../../harness/index.ts';
import { connectTo, encode } from './api.ts';
import { listAppendClient, registerClient, setClient } from './clients.ts';
import { bankClient, counterClient, uniqueIdsClient } from './objects.ts';

/** Debian's suites, by the version of etcd in them. */
const suites: Readonly<Record<string, string>> = {
  '3.4.23': 'bookworm',
  '3.5.16': 'trixie',
  '3.5.30': 'sid',
};

/** One question to one node. A node that is paused or cut off must not hold up the others. */
const PATIENCE_MS = 1_000;

export default defineSystem({
  name: 'etcd',
  about: 'etcd from Debian’s packages, as its operators run it',
  ports: { client: 2379, peer: 2380 },
  options: {
    reads: {
      about: 'linearizable asks a majority; serializable whatever this node has, which may be stale',
      default: 'linearizable',
      choices: ['linearizable', 'serializable'],
    },
    version: {
      about: 'with --runtime docker; on local, the etcd on the PATH runs, whatever this says',
      default: '3.4.23',
      choices: Object.keys(suites),
    },
  },
  recipe(self, members, { options }) {
    const suite = suites[options['version'] ?? '3.4.23'] ?? 'bookworm';
    const base = `debian:${suite}-slim`;
    const flags = {
      name: self.name,
      'data-dir': `${self.data}/etcd`,
      'listen-peer-urls': `http://${self.address('peer')}`,
      'initial-advertise-peer-urls': `http://${self.address('peer')}`,
      'listen-client-urls': `http://${self.address('client')}`,
      'advertise-client-urls': `http://${self.address('client')}`,
      'initial-cluster': members.map((member) => `${member.name}=http://${member.address('peer')}`).join(),
      'initial-cluster-state': 'new',
      // etcd's own defaults, named because runs depend on them. A leader that two busy cores keep from running for a
      // second is deposed, which harms nothing but the throughput.
      'heartbeat-interval': '100',
      'election-timeout': '1000',
    };
    return {
      command: ['etcd', ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])],
      image: `labrys-etcd:${suite}`,
      build: { context: import.meta.dirname, args: { BASE: base }, bases: [base] },
    };
  },
  /** A linearizable read: the node is a member, and a leader answers for a majority. */
  async ready(node, context) {
    await askOnce(node, context, 'kv/range', { key: encode('ready') });
  },
  async leaders(nodes, context) {
    const found = await Promise.all(nodes.map((node) => leaderAt(node, context).catch(() => undefined)));
    return found.filter((leader) => leader !== undefined);
  },
  clients: [registerClient, setClient, listAppendClient, bankClient, counterClient, uniqueIdsClient],
});

interface Status {
  readonly header: { readonly member_id: string; readonly raft_term: string };
  readonly leader?: string;
}

/** A node leads when it thinks that it does. Two may think so, in different terms. */
async function leaderAt(node: Node, context: Context): Promise<Leader | undefined> {
  const { header, leader } = await askOnce<Status>(node, context, 'maintenance/status', {});
  return leader === header.member_id ? { node: node.name, term: Number(header.raft_term) } : undefined;
}

async function askOnce<Answer>(node: Node, context: Context, path: string, body: object): Promise<Answer> {
  using limit = deadline(context.time, PATIENCE_MS, context.signal);
  const api = connectTo(node.address('client'));
  try {
    return await api.ask<Answer>(path, body, limit.signal);
  } finally {
    api.close();
  }
}
