import { defineSystem } from '../../harness/index.ts';
import { clientsOf } from '../redis/clients.ts';
import { replication, serverConfig } from '../redis/config.ts';
import { askOnce, type Reply } from '../redis/connection.ts';
import { image } from '../redis/image.ts';
import { primariesAmong } from '../redis/primaries.ts';
import { nodesConf } from './layout.ts';
import { throughOwnNode } from './slots.ts';

export default defineSystem({
  name: 'redis-cluster',
  about: 'Redis Cluster from Debian’s packages: slots with an owner each, and replicas that take over',
  size: 6,
  readySeconds: 60,
  ports: { redis: 6379, bus: 16379 },
  options: replication,
  recipe: (self, members, settings) => ({
    command: ['redis-server', `${self.data}/redis.conf`],
    files: {
      'redis.conf': serverConfig(self, settings, {
        'cluster-enabled': 'yes',
        'cluster-announce-ip': self.host,
        // Its default, 15 s, is for longer nights than ours.
        'cluster-node-timeout': '2000',
      }),
      'nodes.conf': nodesConf(self, members),
    },
    ...image,
  }),
  async ready(node, context) {
    const info = (await askOnce(node, 'redis', ['CLUSTER', 'INFO'], context)) as string;
    if (!info.includes('cluster_state:ok')) throw new Error(`it does not see a whole cluster: ${info}`);
    const [role, , , link] = (await askOnce(node, 'redis', ['ROLE'], context)) as readonly Reply[];
    if (role !== 'master' && link !== 'connected')
      throw new Error(`its link to its primary: ${link as string}`);
  },
  /** Everybody who takes writes: one for each share of the slots. */
  /** One for each share of the slots. */
  leaders: primariesAmong,
  clients: clientsOf(throughOwnNode),
});
