import { NotApplied, type Host, type Key, type Node, type Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { slotOf } from './hash.ts';
import { Mapkeeper } from './mapkeeper.ts';
import type { HashMessages, HashSlotOperations, Maps } from './messages.ts';
import { modulo, ring, table, type Scheme } from './schemes.ts';
import { Store } from './store.ts';

const ANSWER_MS = 500;
/** Longer than clients wait. */
const RESIZE_MS = 5000;
/** How many members there are in the beginning. */
const MEMBERS = 3;

/**
 * Keys spread over members by modulo, by a ring with virtual nodes (Karger and others 1997), or by a table of 16384 slots (Redis Cluster), and
 * moved while they are read and written. Every node takes what clients ask to the owner; the first keeps the map.
 */
const hashing: Protocol<HashMessages, HashSlotOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`hashing has no bug ${bug}`);
  const points = Number(options['points']);
  if (!Number.isInteger(points) || points < 1)
    throw new Error(`points should be a whole number from 1; it is ${options['points']}`);
  const schemes: Record<string, Scheme> = { modulo, ring: ring(points), slots: table };
  const scheme = schemes[options['scheme'] ?? ''];
  if (!scheme) throw new Error(`scheme should be modulo, ring or slots; it is ${options['scheme']}`);
  return (host) => makeNode(host, scheme, bug);
};
export default hashing;

function makeNode(
  host: Host<HashMessages>,
  scheme: Scheme,
  bug: Bug | undefined,
): Node<HashMessages, HashSlotOperations> {
  const all = [host.id, ...host.peers].toSorted();
  const keeperId = all[0] as string;
  const store = new Store(host, all, bug);
  const keeper = new Mapkeeper(host, all, scheme, {
    handOver: (handing) => store.handOver(handing),
    count: async () => store.keys().length,
  });
  const keeps = host.id === keeperId;
  let known: Maps | undefined;

  const fetchMaps = async (): Promise<Maps> =>
    (known = keeps ? keeper.maps : await host.call(keeperId, 'map', undefined, ANSWER_MS));
  /** Asks whoever owns the key, as far as is known here; and where that node does not, by the latest maps. */
  async function route<T>(key: Key, at: (owner: string) => Promise<T>): Promise<T> {
    const slot = slotOf(key);
    const ownerIn = (map: readonly number[]): string => all[map[slot] as number] as string;
    const maps = known ?? (await certainly(fetchMaps()));
    const first = ownerIn(maps.map);
    try {
      return await at(first);
    } catch (error) {
      if (!(error instanceof NotApplied)) throw error;
    }
    const { map, before } = await certainly(fetchMaps());
    try {
      return await at(ownerIn(map));
    } catch (error) {
      if (!(error instanceof NotApplied)) throw error;
    }
    return at(ownerIn(before));
  }

  return {
    async start() {
      if (host.disk.get<boolean>('settled') !== true) {
        const members = all.slice(0, MEMBERS);
        const map = scheme(all, members);
        store.settle(map);
        if (keeps) keeper.settle({ epoch: 1, members, map, before: map, moving: false });
        host.disk.set('settled', true);
        await host.disk.sync();
      }
      host.report({ role: keeps ? 'leader' : 'node' });
      if (keeps) keeper.start();
    },
    peer: {
      get: (key) => store.get(key),
      put: ({ key, value }) => store.put(key, value),
      map: () => keeper.maps,
      resize: (how) => keeper.resize(how),
      handOver: (handing) => store.handOver(handing),
      receive: (parcel, from) => store.receive(parcel, from),
      count: () => store.keys().length,
    },
    client: {
      read: (_, key) =>
        route(key, (owner) => (owner === host.id ? store.get(key) : host.call(owner, 'get', key, ANSWER_MS))),
      write: (value, key) =>
        route(key, (owner) =>
          owner === host.id ? store.put(key, value) : host.call(owner, 'put', { key, value }, ANSWER_MS),
        ),
      resize: (how) => (keeps ? keeper.resize(how) : host.call(keeperId, 'resize', how, RESIZE_MS)),
      async owned() {
        const { epoch, members, moving } = await fetchMaps();
        // What it was given or gave since then belongs to a later epoch.
        if (moving || store.epoch > epoch) throw new NotApplied('keys are being moved');
        const keys = store.keys();
        await host.disk.sync();
        return [epoch, members, keys];
      },
    },
  };
}

/** Whoever has not asked anybody yet has changed nothing. */
async function certainly<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: Error) => {
    throw new NotApplied(error.message);
  });
}
