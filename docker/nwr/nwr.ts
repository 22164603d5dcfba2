import { NotApplied, Unreachable } from '../kit/kit.ts';
import type { Host, Key, Node, Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { elementsIn, NOTHING, numberIn, type Content, type Copy } from './copy.ts';
import { handoff } from './handoff.ts';
import { lastWriteWins, next } from './last-write-wins.ts';
import type { QuorumMessages } from './messages.ts';
import { choicesOf, type Choices } from './options.ts';
import { preference, Standins } from './preference.ts';
import { quorum } from './quorum.ts';
import { Replica } from './replica.ts';
import { vectorClocks } from './vector-clocks.ts';

const ANSWER_MS = 500;

/** The reads and writes of the workloads `register`, `sessions` and `set`. */
export type QuorumOperations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  add: { in: number; out: void };
  'set.read': { in: void; out: readonly number[] };
};

/**
 * N replicas a key, W that must have a write, R that a read must hear (Gifford 1979; DeCandia et al. 2007). With `writeback=yes`
 * it is the atomic register of Attiya, Bar-Noy and Dolev (1995), for several writers.
 */
const nwr: Protocol<QuorumMessages, QuorumOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`nwr has no bug ${bug}`);
  const choices = choicesOf(options);
  return (host) => makeNode(host, choices, bug);
};
export default nwr;

function makeNode(
  host: Host<QuorumMessages>,
  { n, w, r, writesBack, repairs, vectors, sloppy }: Choices,
  bug: Bug | undefined,
): Node<QuorumMessages, QuorumOperations> {
  const all = [host.id, ...host.peers].toSorted();
  const versions = vectors ? vectorClocks(bug) : lastWriteWins;
  const replica = new Replica(host.id, host.disk, versions, bug);
  const standins = new Standins(host.clock);
  let life = 0;
  let serial = 0;

  const ask = <T>(key: Key, one: (node: string, instead?: string) => Promise<T>): Promise<T>[] => {
    const order = preference(all, key);
    return sloppy ? standins.ask(order, n, one) : order.slice(0, n).map((node) => one(node));
  };
  const gets = (key: Key): Promise<Copy>[] =>
    ask(key, (node) => (node === host.id ? replica.get(key) : host.call(node, 'get', key, ANSWER_MS)));
  const puts = (key: Key, copy: Copy): Promise<void>[] =>
    ask(key, (node, instead) =>
      node === host.id
        ? replica.put(key, copy, instead)
        : host.call(node, 'put', { key, copy, instead }, ANSWER_MS),
    );
  const merged = (answers: readonly Copy[]): Copy => answers.reduce(versions.merge, NOTHING);

  async function read(key: Key): Promise<Copy> {
    const answers = await quorum(gets(key), r);
    if (bug === 'first-answer') return answers[0] ?? NOTHING;
    const latest = merged(answers);
    if (answers.every((answer) => versions.covers(answer, latest)) && r >= w) return latest;
    // Written back, the others are told before the client is; with read repair alone, some time.
    if (writesBack) await quorum(puts(key, latest), w);
    else if (repairs) quorum(puts(key, latest), w).catch(() => {});
    return latest;
  }

  async function write(key: Key, contentAfter: (seen: Copy) => Content): Promise<void> {
    const answers = await quorum(gets(key), r).catch((error: Error) => {
      throw new NotApplied(error.message);
    });
    const seen = merged(answers);
    const content = contentAfter(seen);
    const copy = vectors
      ? await stamped(key, content, seen)
      : next(seen, content, `${host.id} ${life} ${++serial}`);
    const asked = puts(key, copy);
    if (bug === 'counts-sent') for (const one of asked) one.catch(() => {});
    else await quorum(asked, w);
  }

  /** Made by a replica, this one if it is one: a clock counts what happened where the copy is. */
  async function stamped(key: Key, content: Content, { clock: seen }: Copy): Promise<Copy> {
    const order = preference(all, key);
    const makers = order.slice(0, n).toSorted((a, b) => Number(b === host.id) - Number(a === host.id));
    if (sloppy) makers.push(...order.slice(n));
    for (const maker of makers) {
      const instead = order.indexOf(maker) < n ? undefined : order[0];
      try {
        return maker === host.id
          ? await replica.stamp(key, content, seen, instead)
          : await host.call(maker, 'stamp', { key, content, seen, instead }, ANSWER_MS);
      } catch {
        // It may have been made all the same: then there are two versions of one write, which do no harm.
      }
    }
    throw new Unreachable(`no replica of ${key} answered`);
  }

  return {
    async start() {
      life = (host.disk.get<number>('life') ?? 0) + 1;
      host.disk.set('life', life);
      await host.disk.sync(); // so that no other life of this node writes under the same name
      if (sloppy) handoff(host, replica, bug);
      host.report({ role: 'replica' });
    },
    peer: {
      get: (key) => replica.get(key),
      put: ({ key, copy, instead }) => replica.put(key, copy, instead),
      stamp: ({ key, content, seen, instead }) => replica.stamp(key, content, seen, instead),
    },
    client: {
      read: async (_, key) => numberIn(await read(key)),
      'set.read': async (_, key) => elementsIn(await read(key)),
      async write(value, key) {
        if (typeof value !== 'number') throw new NotApplied('write takes a number');
        await write(key, () => value);
      },
      async add(value, key) {
        if (typeof value !== 'number') throw new NotApplied('add takes a number');
        await write(key, (seen) => [...elementsIn(seen), value]);
      },
    },
  };
}
