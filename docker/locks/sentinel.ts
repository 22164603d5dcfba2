import { randomUUID } from 'node:crypto';
import type { Key } from 'knossos-js';
import { throughSentinel } from '../redis/primary.ts';
import redis from '../redis/system.ts';
import { LOCK, UNLOCK, USE } from './scripts.ts';
import type { LockService, Locks, Wanted } from './service.ts';
import type { Connection } from '../../harness/index.ts';

/** `SET NX PX` on a primary that replicates: what it has given away its successor may not know of. */
export const sentinel: LockService = {
  about: 'SET NX PX on a Redis primary under Sentinel',
  recipe: redis.recipe,
  ready: redis.ready,
  ...(redis.setup && { setup: redis.setup }),
  ...(redis.leaders && { leaders: redis.leaders }),
  open: primaryLocks,
};

function primaryLocks(connection: Connection, { leaseMs, tokens, fences }: Wanted): Locks {
  const store = throughSentinel(connection);
  const held = new Map<Key, string>();
  return {
    async acquire(key, signal) {
      const id = randomUUID();
      const token = await store.write(
        key,
        ['EVAL', LOCK, '2', `lock/${key}`, `token/${key}`, id, `${leaseMs}`],
        signal,
      );
      if (typeof token !== 'number') return false;
      held.set(key, id);
      return [tokens ? token : null, leaseMs];
    },
    async use(key, token, signal) {
      const shown = fences ? `${token ?? ''}` : '';
      return (await store.write(key, ['EVAL', USE, '1', `guarded/${key}`, shown], signal)) === 1;
    },
    async release(key, _, signal) {
      const id = held.get(key);
      held.delete(key);
      if (id === undefined) return false;
      return (await store.write(key, ['EVAL', UNLOCK, '1', `lock/${key}`, id], signal)) === 1;
    },
    close: () => store.close(),
  };
}
