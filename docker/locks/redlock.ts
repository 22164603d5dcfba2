import { randomUUID } from 'node:crypto';
import type { Key } from 'knossos-js';
import { type Connection, deadline, type Node, NotApplied } from '../../harness/index.ts';
import { serverConfig } from '../redis/config.ts';
import { askOnce, type Command, type Reply } from '../redis/connection.ts';
import { image } from '../redis/image.ts';
import { Servers } from '../redis/servers.ts';
import { LOCK, UNLOCK, USE } from './scripts.ts';
import type { LockService, Locks, Wanted } from './service.ts';

/** How long one of several servers may take: far less than a lease, so that one which is down costs little of it. */
const PATIENCE_MS = 150;
/** What the clocks of servers and clients may differ by meanwhile: a hundredth of the lease, and the precision of expiry. */
const driftMs = (leaseMs: number): number => leaseMs / 100 + 2;

/** `SET NX PX` on one server: the first of the nodes. */
export const setnx: LockService = {
  about: 'SET NX PX on one Redis server, the first node',
  ...independentServers(),
  open: (connection, wanted) => redisLocks(connection, connection.nodes.slice(0, 1), wanted),
};

/** Redlock (redis.io/docs/latest/develop/clients/patterns/distributed-locks), on all nodes: `SET NX PX` on a majority of servers that know nothing of each other. */
export const redlock: LockService = {
  about: 'Redlock over independent Redis servers, all nodes',
  ...independentServers(),
  open: (connection, wanted) => redisLocks(connection, connection.nodes, wanted),
};

function independentServers(): Pick<LockService, 'recipe' | 'ready'> {
  return {
    recipe: (self, _, settings) => ({
      command: ['redis-server', `${self.data}/redis.conf`],
      files: { 'redis.conf': serverConfig(self, settings) },
      ...image,
    }),
    async ready(node, context) {
      await askOnce(node, 'redis', ['PING'], context);
    },
  };
}

function redisLocks({ nodes: all, time }: Connection, nodes: readonly Node[], wanted: Wanted): Locks {
  const { leaseMs, tokens, fences } = wanted;
  const servers = new Servers();
  const held = new Map<Key, string>();
  const enough = Math.floor(nodes.length / 2) + 1;
  const ask = async (node: Node, command: Command, signal: AbortSignal): Promise<Reply> =>
    await (await servers.at(node.address('redis'), signal)).ask(command, signal);
  /** Of those that answer in time. Another may have done it all the same. */
  const askAll = async (command: Command, signal: AbortSignal): Promise<readonly Reply[]> => {
    using limit = deadline(time, PATIENCE_MS, signal);
    const asked = await Promise.allSettled(nodes.map((node) => ask(node, command, limit.signal)));
    return asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  };
  const unlock = (key: Key, id: string, signal: AbortSignal): Promise<readonly Reply[]> =>
    askAll(['EVAL', UNLOCK, '1', `lock/${key}`, id], signal);
  return {
    async acquire(key, signal) {
      const id = randomUUID();
      const began = time.now();
      const answers = await askAll(
        ['EVAL', LOCK, '2', `lock/${key}`, `token/${key}`, id, `${leaseMs}`],
        signal,
      );
      const given = answers.filter((token) => typeof token === 'number');
      const goodForMs = leaseMs - driftMs(leaseMs);
      if (given.length >= enough && (time.now() - began) / 1e6 < goodForMs) {
        held.set(key, id);
        return [tokens ? Math.max(...given) : null, goodForMs];
      }
      await unlock(key, id, signal);
      const taken = answers.length - given.length;
      if (taken <= nodes.length - enough) throw new NotApplied(`only ${answers.length} servers answered`);
      return false;
    },
    async use(key, token, signal) {
      const guard = all.at(-1) as Node;
      const shown = fences ? `${token ?? ''}` : '';
      return (await ask(guard, ['EVAL', USE, '1', `guarded/${key}`, shown], signal)) === 1;
    },
    async release(key, _, signal) {
      const id = held.get(key);
      held.delete(key);
      if (id === undefined) return false;
      const answers = await unlock(key, id, signal);
      if (answers.length < enough) throw new Error(`only ${answers.length} servers answered`);
      return answers.filter((one) => one === 1).length >= enough;
    },
    close: () => servers.close(),
  };
}
