import { type Context, defineSystem, type Node } from '../../harness/index.ts';
import { clientsOf } from './clients.ts';
import { replication, sentinelConfig, serverConfig } from './config.ts';
import { askOnce, type Reply } from './connection.ts';
import { image } from './image.ts';
import { primariesAmong } from './primaries.ts';
import { ADDRESS, SERVICE, throughSentinel } from './primary.ts';

export default defineSystem({
  name: 'redis',
  about: 'Redis from Debian’s packages: a primary and its replicas, watched over by Sentinel',
  readySeconds: 60,
  ports: { redis: 6379, sentinel: 26379 },
  options: {
    ...replication,
    reads: {
      about: 'primary; own: whatever server is on the node that is asked, which may be behind',
      default: 'primary',
      choices: ['primary', 'own'],
    },
  },
  recipe(self, members, settings) {
    const server = serverConfig(self, settings);
    const [first] = members;
    return {
      // Bash waits for whichever ends first, so that the two live and die together.
      command: ['bash', '-c', BOTH, 'redis', `${self.data}/redis.conf`, `${self.data}/sentinel.conf`],
      files: {
        'redis.conf':
          first === self ? server : `${server}replicaof ${first?.address('redis').replace(':', ' ')}\n`,
        'sentinel.conf': sentinelConfig(self, members),
      },
      ...image,
    };
  },
  /**
   * The server does what its Sentinel thinks it does: a primary that has been replaced is one until it is told, which takes
   * Sentinel 8 s from when it sees it again. And it is not alone: then nobody has told its Sentinel either.
   */
  async ready(node, context) {
    const [role, ...details] = (await askOnce(node, 'redis', ['ROLE'], context)) as readonly Reply[];
    const primary = (await askOnce(node, 'sentinel', ADDRESS, context)) as readonly string[];
    await askOnce(node, 'sentinel', ['SENTINEL', 'CKQUORUM', SERVICE], context);
    if (role === 'master') {
      const [, replicas] = details as unknown as [number, readonly Reply[]];
      if (primary.join(':') !== node.address('redis'))
        throw new Error('it is not what its Sentinel takes it for');
      if (replicas.length === 0) throw new Error('a primary whom nobody follows');
    } else {
      const [host, port, link] = details;
      if (primary.join(':') !== `${host as string}:${port as number}`)
        throw new Error('it follows another than its Sentinel says');
      if (link !== 'connected') throw new Error(`its link to the primary: ${link as string}`);
    }
  },
  /** A Sentinel that does not know the others cannot be part of a majority; a primary without replicas cannot be replaced. */
  async setup(nodes, context) {
    for (const node of nodes) {
      for (;;) {
        const { 'num-other-sentinels': others, 'num-slaves': replicas } = await primaryOf(node, context);
        if (Number(others) === nodes.length - 1 && Number(replicas) === nodes.length - 1) break;
        await context.time.sleep(50, context.signal);
      }
    }
  },
  leaders: primariesAmong,
  clients: clientsOf(throughSentinel),
});

/** A Sentinel that comes before the replicas hears of them 10 s later. */
const BOTH = `
redis-server "$1" & server=$!
(sleep 1.5; exec redis-server "$2" --sentinel) & sentinel=$!
trap : TERM
wait -n
kill $server $sentinel 2> /dev/null
wait`;

/** What a Sentinel knows of the primary. */
async function primaryOf(node: Node, context: Context): Promise<Readonly<Record<string, Reply>>> {
  const told = (await askOnce(node, 'sentinel', ['SENTINEL', 'MASTER', SERVICE], context)) as Reply[];
  return Object.fromEntries(
    Array.from({ length: told.length / 2 }, (_, i) => [String(told[2 * i]), told[2 * i + 1] as Reply]),
  );
}
