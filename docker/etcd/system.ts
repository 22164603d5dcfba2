import { type Context, defineSystem, type Leader, type Node } from '../../harness/index.ts';
import { admin } from './admin.ts';
import { askOnce, encode } from './api.ts';
import { listAppendClient, registerClient, setClient } from './clients.ts';
import { CONFIG, configOf, peerOf } from './config.ts';
import { membership } from './membership.ts';
import { bankClient, counterClient, uniqueIdsClient } from './objects.ts';

/** Debian's suites, by the version of etcd in them. */
const suites: Readonly<Record<string, string>> = {
  '3.4.23': 'bookworm',
  '3.5.16': 'trixie',
  '3.5.30': 'sid',
};

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
    return {
      command: ['etcd', '--config-file', `${self.data}/${CONFIG}`],
      files: { [CONFIG]: configOf(self, members.map(peerOf).join()) },
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
  roles: {
    names: ['follower', 'learner'],
    async of(node, context) {
      const { header, leader, isLearner } = await statusOf(node, context);
      return isLearner ? 'learner' : leader === header.member_id ? 'leader' : 'follower';
    },
  },
  membership,
  admin,
  clients: [registerClient, setClient, listAppendClient, bankClient, counterClient, uniqueIdsClient],
});

interface Status {
  readonly header: { readonly member_id: string; readonly raft_term: string };
  readonly leader?: string;
  readonly isLearner?: boolean;
}

const statusOf = (node: Node, context: Context): Promise<Status> =>
  askOnce<Status>(node, context, 'maintenance/status', {});

/** A node leads when it thinks that it does. Two may think so, in different terms. */
async function leaderAt(node: Node, context: Context): Promise<Leader | undefined> {
  const { header, leader } = await statusOf(node, context);
  return leader === header.member_id ? { node: node.name, term: Number(header.raft_term) } : undefined;
}
