import { NotApplied } from '../kit/kit.ts';
import type { Host, Key, Node, Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { newer, type QuorumMessages, type Version, type Versioned } from './messages.ts';
import { quorum } from './quorum.ts';
import { Replica } from './replica.ts';

const ANSWER_MS = 500;

/** The reads and writes of the workload `register`. */
export type RegisterOperations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
};

interface Sizes {
  /** How many replicas a key has, how many must have a write, and how many a read must hear. */
  readonly n: number;
  readonly w: number;
  readonly r: number;
  readonly writeBack: boolean;
  /** Whether a read tells those that lag, without waiting for them. */
  readonly repairs: boolean;
}

/**
 * N replicas a key, W that must have a write, R that a read must hear (Gifford 1979; DeCandia et al. 2007). With `writeback=yes`
 * it is the atomic register of Attiya, Bar-Noy and Dolev (1995), for several writers.
 */
const nwr: Protocol<QuorumMessages, RegisterOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`nwr has no bug ${bug}`);
  const [n, w, r] = ['n', 'w', 'r'].map((name) => Number(options[name])) as [number, number, number];
  if (![n, w, r].every((it) => Number.isInteger(it) && it >= 1) || w > n || r > n)
    throw new Error(
      `n, w and r should be whole numbers from 1, and w and r at most n; they are ${n}, ${w} and ${r}`,
    );
  return (host) =>
    makeNode(
      host,
      { n, w, r, writeBack: options['writeback'] === 'yes', repairs: options['repair'] !== 'no' },
      bug,
    );
};
export default nwr;

function makeNode(
  host: Host<QuorumMessages>,
  { n, w, r, writeBack, repairs }: Sizes,
  bug: Bug | undefined,
): Node<QuorumMessages, RegisterOperations> {
  const all = [host.id, ...host.peers].toSorted();
  const replica = new Replica(host.disk, bug);
  let life = 0;
  let serial = 0;

  /** The key's replicas: the first N from a place in the ring of nodes that the key decides. */
  const replicasOf = (key: Key): string[] => {
    const from = [...String(key)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    return Array.from({ length: Math.min(n, all.length) }, (_, i) => all[(from + i) % all.length] as string);
  };
  const gets = (key: Key): Promise<Versioned>[] =>
    replicasOf(key).map((node) =>
      node === host.id ? replica.get(key) : host.call(node, 'get', key, ANSWER_MS),
    );
  const puts = (key: Key, held: Versioned): Promise<void>[] =>
    replicasOf(key).map((node) =>
      node === host.id ? replica.put(key, held) : host.call(node, 'put', { key, held }, ANSWER_MS),
    );
  const newest = (answers: readonly Versioned[]): Versioned =>
    answers.reduce((best, other) => (newer(other.version, best.version) ? other : best));

  return {
    async start() {
      life = (host.disk.get<number>('life') ?? 0) + 1;
      host.disk.set('life', life);
      await host.disk.sync(); // so that no other life of this node writes under the same name
      host.report({ role: 'replica' });
    },
    peer: {
      get: (key) => replica.get(key),
      put: ({ key, held }) => replica.put(key, held),
    },
    client: {
      async read(_, key) {
        const answers = await quorum(gets(key), r);
        if (bug === 'first-answer') return answers[0]?.value ?? null;
        const latest = newest(answers);
        if (answers.every(({ version }) => !newer(latest.version, version)) && r >= w) return latest.value;
        // Written back, the others are told before the client is; with read repair alone, some time.
        if (writeBack) await quorum(puts(key, latest), w);
        else if (repairs) quorum(puts(key, latest), w).catch(() => {});
        return latest.value;
      },
      async write(value, key) {
        if (typeof value !== 'number') throw new NotApplied('write takes a number');
        const seen = await quorum(gets(key), r).catch((error: Error) => {
          throw new NotApplied(error.message);
        });
        const version: Version = [newest(seen).version[0] + 1, `${host.id} ${life} ${++serial}`];
        const asked = puts(key, { value, version });
        if (bug === 'counts-sent') for (const one of asked) one.catch(() => {});
        else await quorum(asked, w);
      },
    },
  };
}
