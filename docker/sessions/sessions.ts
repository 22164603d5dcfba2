import { NotApplied, Unreachable, type Host, type Key, type Node, type Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { signed, valueOf, type Cookie } from './cookie.ts';

const ANSWER_MS = 500;
/** When it is replicated later. */
const LATER_MS = 100;

/** A session, with the number of the write that it comes from. */
interface Held {
  readonly value: number | null;
  readonly version: number;
}

const NOTHING: Held = { value: null, version: 0 };

export type SessionMessages = {
  get: { in: Key; out: Held };
  put: { in: { readonly key: Key; readonly held: Held }; out: void };
};

/** The operations of the workload `sessions`, with the cookie that comes and goes with each. */
export type CookieOperations = {
  read: { in: Cookie | null; out: readonly [value: number | null, cookie: Cookie | null] };
  write: { in: readonly [value: number, cookie: Cookie | null]; out: Cookie | null };
};

/**
 * A web application’s sessions, kept in one of four ways: in the memory of the node that a client sticks to; on a majority of the nodes; in a
 * central store, which is the last node; or nowhere but in a signed cookie.
 */
const sessions: Protocol<SessionMessages, CookieOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`sessions has no bug ${bug}`);
  return (host) => makeNode(host, options['store'] ?? 'replicated', bug);
};
export default sessions;

function makeNode(
  host: Host<SessionMessages>,
  store: string,
  bug: Bug | undefined,
): Node<SessionMessages, CookieOperations> {
  const all = [host.id, ...host.peers].toSorted();
  const central = all.at(-1) as string;
  const memory = new Map<Key, number>();

  const held = (key: Key): Held => host.disk.get<Held>(`session ${key}`) ?? NOTHING;
  const get = async (key: Key): Promise<Held> => {
    const mine = held(key);
    await host.disk.sync();
    return mine;
  };
  const put = async (key: Key, it: Held): Promise<void> => {
    if (it.version > held(key).version) host.disk.set(`session ${key}`, it);
    if (bug !== 'central-before-sync') await host.disk.sync();
  };
  const getFrom = (node: string, key: Key): Promise<Held> =>
    node === host.id ? get(key) : host.call(node, 'get', key, ANSWER_MS);
  const putTo = (node: string, key: Key, it: Held): Promise<void> =>
    node === host.id ? put(key, it) : host.call(node, 'put', { key, held: it }, ANSWER_MS);

  /** The nodes that keep a session, of which a majority has to answer. */
  const keepers = store === 'central' ? [central] : all;
  const latest = async (key: Key): Promise<Held> => {
    const answers = await majority(keepers.map((node) => getFrom(node, key)));
    return answers.reduce((best, other) => (other.version > best.version ? other : best));
  };
  const keep = (key: Key, it: Held): Promise<unknown> =>
    majority(keepers.map((node) => putTo(node, key, it)));

  const load = async (key: Key, cookie: Cookie | null): Promise<number | null> => {
    if (store === 'cookie') return valueOf(key, cookie);
    if (store === 'sticky') return memory.get(key) ?? null;
    const own = held(key);
    if (bug === 'reads-own-copy' && own.version > 0) return own.value;
    const found = await latest(key);
    // Whoever reads it next has to find it too: its write may have been given up half-way.
    if (found.version > 0) await keep(key, found);
    return found.value;
  };
  const save = async (key: Key, value: number): Promise<void> => {
    if (store === 'cookie') return;
    if (store === 'sticky') return void memory.set(key, value);
    const found = await latest(key).catch((error: Error) => {
      throw new NotApplied(error.message);
    });
    const it = { value, version: found.version + 1 };
    if (bug !== 'replicates-later') return void (await keep(key, it));
    await put(key, it);
    host.clock.after(LATER_MS, () => void keep(key, it).catch(() => {}));
  };

  return {
    start: () => host.report({ role: host.id === central && store === 'central' ? 'store' : 'node' }),
    peer: {
      get,
      put: ({ key, held: it }) => put(key, it),
    },
    client: {
      read: async (cookie, key) => [await load(key, cookie), cookie],
      async write([value, cookie], key) {
        await save(key, value);
        if (store !== 'cookie') return null;
        valueOf(key, cookie); // whoever shows a forged one is turned away
        return bug === 'cookie-not-renewed' && cookie !== null ? cookie : signed(key, value);
      },
    },
  };
}

/** The answers of more than half, as soon as they are there; rejects once they cannot come any more. */
function majority<T>(asked: readonly Promise<T>[]): Promise<T[]> {
  const needed = Math.floor(asked.length / 2) + 1;
  const answers: T[] = [];
  let failed = 0;
  return new Promise((resolve, reject) => {
    for (const one of asked)
      one.then(
        (answer) => {
          if (answers.push(answer) === needed) resolve(answers.slice());
        },
        () => {
          if (++failed > asked.length - needed) reject(new Unreachable('no majority answers'));
        },
      );
  });
}
