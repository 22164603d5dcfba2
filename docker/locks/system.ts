import { clientFor, defineSystem, type Settings, UsageError } from '../../harness/index.ts';
import lock from '../../workloads/lock.ts';
import { etcd } from './etcd.ts';
import { redlock, setnx } from './redlock.ts';
import { sentinel } from './sentinel.ts';
import type { LockService, Wanted } from './service.ts';
import { uniqueIndex } from './unique-index.ts';
import { zookeeper } from './zookeeper.ts';

const services: Readonly<Record<string, LockService>> = {
  'unique-index': uniqueIndex,
  setnx,
  sentinel,
  redlock,
  zookeeper,
  etcd,
};

/** One workload for every way to make a lock of a product, with and without fencing tokens. */
export default defineSystem({
  name: 'locks',
  about: 'locks of real products: a unique index, SET NX, Redlock, ordered nodes of ZooKeeper, keys of etcd',
  size: 5,
  readySeconds: 60,
  ports: { sql: 7002, redis: 6379, sentinel: 26379, client: 2379, peer: 2888, election: 3888 },
  options: {
    service: {
      about: Object.entries(services)
        .map(([name, { about }]) => `${name}: ${about}`)
        .join('; '),
      default: 'redlock',
      choices: Object.keys(services),
    },
    lease: {
      about: 'after how many milliseconds a lock is free again; 0: never (unique-index alone)',
      default: '1000',
    },
    fencing: {
      about:
        'yes: tokens that are checked by what is protected; ignored: handed out, and not checked; no: none',
      default: 'no',
      choices: ['no', 'yes', 'ignored'],
    },
    aof: {
      about: 'of Redis: when what is written is on the disk; off: never',
      default: 'always',
      choices: ['everysec', 'always', 'off'],
    },
  },
  recipe: (self, members, settings) => serviceOf(settings).recipe(self, members, settings),
  ready: (node, context) => serviceOf(context.settings).ready(node, context),
  setup: async (nodes, context) => await serviceOf(context.settings).setup?.(nodes, context),
  leaders: async (nodes, context) => (await serviceOf(context.settings).leaders?.(nodes, context)) ?? [],
  clients: [
    clientFor(lock, (connection) => {
      const locks = serviceOf(connection.settings).open(connection, wantedIn(connection.settings));
      return {
        acquire: ({ key, signal }) => locks.acquire(key, signal),
        use: ({ key, value, signal }) => locks.use(key, value, signal),
        release: ({ key, value, signal }) => locks.release(key, value, signal),
        [Symbol.asyncDispose]: async () => locks.close(),
      };
    }),
  ],
});

const serviceOf = ({ options }: Settings): LockService =>
  services[options['service'] ?? 'redlock'] as LockService;

function wantedIn({ options }: Settings): Wanted {
  const leaseMs = Number(options['lease']);
  const forEver = leaseMs === 0 && options['service'] === 'unique-index';
  if (!Number.isInteger(leaseMs) || (leaseMs < 100 && !forEver))
    throw new UsageError(`lease should be whole milliseconds from 100; it is ${options['lease']}`, {
      hint: '0, for ever, is possible with service=unique-index alone.',
    });
  const { fencing = 'no' } = options;
  return { leaseMs, tokens: fencing !== 'no', fences: fencing === 'yes' };
}
