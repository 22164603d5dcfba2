import type { Key } from 'knossos-js';
import type { Connection } from '../../harness/index.ts';
import { connectTo, encode } from '../etcd/api.ts';
import etcdSystem from '../etcd/system.ts';
import type { LockService, Locks, Wanted } from './service.ts';

/** etcd's own locks: a key with a lease, in the order in which keys were made. The revision at which the key was made is the fencing token. */
export const etcd: LockService = {
  about: 'a key of etcd with a lease, made where there is none',
  recipe: etcdSystem.recipe,
  ready: etcdSystem.ready,
  ...(etcdSystem.leaders && { leaders: etcdSystem.leaders }),
  open: leasedKeys,
};

interface Grant {
  readonly ID: string;
  readonly TTL: string;
}
interface Made {
  readonly header: { readonly revision: string };
  readonly succeeded?: boolean;
}

/** A lease for each hold, which nobody keeps alive: whoever dies loses its lock when the lease is over. */
function leasedKeys({ node }: Connection, { leaseMs, tokens, fences }: Wanted): Locks {
  const api = connectTo(node.address('client'));
  const held = new Map<Key, string>();
  /** Whether it was there. */
  const revoke = async (lease: string, signal: AbortSignal): Promise<boolean> => {
    try {
      await api.ask('lease/revoke', { ID: lease }, signal);
      return true;
    } catch (error) {
      if ((error as Error).message.includes('requested lease not found')) return false;
      throw error;
    }
  };
  return {
    async acquire(key, signal) {
      const { ID: lease, TTL } = await api.ask<Grant>(
        'lease/grant',
        { TTL: Math.ceil(leaseMs / 1000) },
        signal,
      );
      const place = encode(`lock/${key}`);
      const made = await api.ask<Made>(
        'kv/txn',
        {
          compare: [{ key: place, target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
          success: [{ request_put: { key: place, value: '', lease } }],
        },
        signal,
      );
      if (made.succeeded !== true) {
        await revoke(lease, signal);
        return false;
      }
      held.set(key, lease);
      return [tokens ? Number(made.header.revision) : null, 1000 * Number(TTL)];
    },
    /** Of a holder who has been overtaken, the key is gone, or another's. */
    async use(key, token, signal) {
      const put = { key: encode(`guarded/${key}`), value: encode(`${token ?? ''}`) };
      if (!fences) {
        await api.ask('kv/put', put, signal);
        return true;
      }
      const own = { target: 'CREATE', result: 'EQUAL', create_revision: `${token ?? -1}` };
      const { succeeded } = await api.ask<Made>(
        'kv/txn',
        { compare: [{ key: encode(`lock/${key}`), ...own }], success: [{ request_put: put }] },
        signal,
      );
      return succeeded === true;
    },
    async release(key, _, signal) {
      const lease = held.get(key);
      held.delete(key);
      return lease !== undefined && (await revoke(lease, signal));
    },
    close: () => api.close(),
  };
}
