import type { Key } from 'knossos-js';
import { type Connection, deadline } from '../../harness/index.ts';
import { create, getChildren, remove, watch } from '../zookeeper/requests.ts';
import { Server } from '../zookeeper/server.ts';
import { Session } from '../zookeeper/session.ts';
import zookeeperSystem from '../zookeeper/system.ts';
import type { LockService, Locks, Wanted } from './service.ts';

/** Whoever waits in the queue for longer gives up. */
const WAIT_MS = 400;

/**
 * Ordered ephemeral nodes (zookeeper.apache.org, Recipes: Locks): everybody makes one, the first in order has the lock, and each of
 * the others watches the one before it, so that a release wakes one and not the herd. The number of the node is the fencing token.
 */
export const zookeeper: LockService = {
  about: 'ordered ephemeral nodes of ZooKeeper',
  recipe: zookeeperSystem.recipe,
  ready: zookeeperSystem.ready,
  ...(zookeeperSystem.setup && { setup: zookeeperSystem.setup }),
  ...(zookeeperSystem.leaders && { leaders: zookeeperSystem.leaders }),
  open: orderedNodes,
};

/**
 * A session for each hold. Nobody beats for it, so that one whose holder has died ends, as it would if the holder's process had
 * died: its time is the lease.
 */
function orderedNodes(connection: Connection, { leaseMs, tokens, fences }: Wanted): Locks {
  const { node, time } = connection;
  const server = new Server(connection);
  const held = new Map<Key, Place>();
  return {
    async acquire(key, signal) {
      await server.folder(`/locks/${key}`, signal);
      const session = await Session.open(node.address('client'), leaseMs, { beats: false });
      try {
        const path = await create(session, `/locks/${key}/n-`, '', 'ephemeral sequential', signal);
        const place = { session, path };
        using patience = deadline(time, WAIT_MS, signal);
        if (await isFirst(place, patience.signal, signal)) {
          held.set(key, place);
          return [tokens ? numberOf(path) : null, session.timeoutMs];
        }
        session.close();
        return false;
      } catch (error) {
        session.close();
        throw error;
      }
    },
    use: (key, token, signal) =>
      server.change(`/guarded/${key}`, signal, (largest) =>
        fences && Number(token) < Number(largest ?? 0) ? undefined : `${token ?? 0}`,
      ),
    async release(key, _, signal) {
      const place = held.get(key);
      held.delete(key);
      if (place === undefined || place.session.ended) return false;
      try {
        return await remove(place.session, place.path, signal);
      } finally {
        place.session.close();
      }
    },
    close: () => server.close(),
  };
}

/** A node in the queue, and the session for whose time it is there. */
interface Place {
  readonly session: Session;
  readonly path: string;
}

/**
 * Waits until nobody is before it. What its server has read to it is old enough for that: the server has seen this node made, and
 * so everything that was made before.
 */
async function isFirst(
  { session, path }: Place,
  patience: AbortSignal,
  signal: AbortSignal,
): Promise<boolean> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  for (;;) {
    const queue = (await getChildren(session, folder, signal)).map((name) => `${folder}/${name}`).toSorted();
    const at = queue.indexOf(path);
    if (at <= 0) return at === 0;
    const before = queue[at - 1] as string;
    const change = session.notice(before, patience).then(
      () => true,
      () => false,
    );
    if ((await watch(session, before, signal)) && !(await change)) return false;
  }
}

const numberOf = (path: string): number => Number(path.slice(path.lastIndexOf('-') + 1));
