import { NotApplied, type Key, type Protocol } from 'labrys/kit';

type Messages = { copy: { in: { key: Key; value: number }; out: void } };
type Operations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  cas: { in: readonly [from: number, to: number]; out: boolean };
};

/** The first node orders everything, and confirms a write once every node has it on its disk. */
const primaryBackup: Protocol<Messages, Operations> = () => (host) => {
  const { disk, peers, id } = host;
  const primary = [id, ...peers].toSorted()[0] ?? id;
  const mustBePrimary = (): void => {
    if (id !== primary) throw new NotApplied('only the primary answers', primary);
  };
  const held = (key: Key): number | null => disk.get<number>(`register ${key}`) ?? null;
  const keep = async (it: { key: Key; value: number }): Promise<void> => {
    disk.set(`register ${it.key}`, it.value);
    await disk.sync();
  };
  const everywhere = async (key: Key, value: number): Promise<void> => {
    await Promise.all([
      keep({ key, value }),
      ...peers.map((peer) => host.call(peer, 'copy', { key, value })),
    ]);
  };
  return {
    start: () => host.report({ role: id === primary ? 'leader' : 'backup' }),
    peer: { copy: keep },
    client: {
      write: (value, key) => {
        mustBePrimary();
        return everywhere(key, value);
      },
      cas: async ([from, to], key) => {
        mustBePrimary();
        const same = held(key) === from;
        await (same ? everywhere(key, to) : disk.sync());
        return same;
      },
      read: async (_, key) => {
        mustBePrimary();
        const value = held(key);
        await disk.sync(); // what a client has seen must not be lost by a crash
        return value;
      },
    },
  };
};
export default primaryBackup;
