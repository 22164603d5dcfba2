import { NotApplied, type Host, type Key, type Node, type Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { Heard } from './heard.ts';
import type { Digest, GossipMessages, Update } from './messages.ts';
import { Rumours } from './rumours.ts';

/** Once in so long, a node gossips with another: a round. */
export const ROUND_MS = 100;
const ANSWER_MS = 500;

/** The operations of the workload `broadcast`. */
export type GossipOperations = {
  broadcast: { in: number; out: void };
  read: { in: void; out: readonly number[] };
};

interface Habits {
  readonly antiEntropy: boolean;
  readonly rumours: boolean;
  readonly pushes: boolean;
  readonly pulls: boolean;
  /** How soon a rumour goes cold: with a chance of one in so many, whenever somebody knew it already. */
  readonly k: number;
}

/**
 * Epidemic algorithms (Demers et al., “Epidemic Algorithms for Replicated Database Maintenance”, 1987): anti-entropy by
 * push, pull or both, with digests, and rumour mongering.
 */
const gossip: Protocol<GossipMessages, GossipOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`gossip has no bug ${bug}`);
  const { spread = 'both', direction = 'push-pull', k = '2' } = options;
  if (!(Number(k) >= 1)) throw new Error(`k should be a number from 1, and is ${k}`);
  const habits: Habits = {
    antiEntropy: spread !== 'rumours',
    rumours: spread !== 'anti-entropy',
    pushes: direction !== 'pull',
    pulls: direction !== 'push',
    k: Number(k),
  };
  return (host) => makeNode(host, habits, bug);
};
export default gossip;

function makeNode(
  host: Host<GossipMessages>,
  { antiEntropy, rumours: mongers, pushes, pulls, k }: Habits,
  bug: Bug | undefined,
): Node<GossipMessages, GossipOperations> {
  const { id, peers, clock, disk, random } = host;
  const heard = new Heard(disk, bug);
  const rumours = new Rumours(k, () => random.fraction());
  let number = bug === 'restarts-numbers' ? 0 : heard.highest(id);

  /** What was sent to whom, for those who think that it has arrived. */
  const sent = new Map<string, Digest>();
  const anyone = (): string => peers[random.below(peers.length)] as string;
  /** Keep what was news. */
  const take = (updates: readonly Update[]): boolean[] => updates.map((update) => heard.hear(update));

  const resolveDifferences = async (): Promise<void> => {
    const peer = anyone();
    if (bug === 'assumes-delivery') {
      const rest = heard.beyond(sent.get(peer) ?? {});
      sent.set(peer, heard.digest());
      return host.call(peer, 'give', rest, ANSWER_MS);
    }
    const { digest, lacks } = await host.call(
      peer,
      'compare',
      { digest: heard.digest(), wants: pulls },
      ANSWER_MS,
    );
    take(lacks);
    const its = pushes ? heard.beyond(digest) : [];
    if (its.length > 0) await host.call(peer, 'give', its, ANSWER_MS);
  };
  const spreadRumours = async (): Promise<void> => {
    const hot = rumours.hot();
    if (hot.length === 0) return;
    const news = await host.call(anyone(), 'rumours', hot, ANSWER_MS);
    hot.forEach((rumour, i) => rumours.told(rumour, news[i] === true));
  };
  /** Whoever does not answer is met again, or somebody else is. */
  const forEver = (act: () => Promise<void>): void => {
    act().catch(() => {});
    clock.after(ROUND_MS, () => forEver(act));
  };

  return {
    start() {
      host.report({ role: 'peer' });
      if (peers.length === 0) return;
      // Nobody's rounds begin at the same time as anybody else's.
      if (antiEntropy) clock.after(ROUND_MS * random.fraction(), () => forEver(resolveDifferences));
      if (mongers) clock.after(ROUND_MS * random.fraction(), () => forEver(spreadRumours));
    },
    peer: {
      compare: ({ digest, wants }) => {
        const lacks = wants ? heard.beyond(digest) : [];
        return { digest: heard.digest(), lacks };
      },
      give: (updates) => void take(updates),
      rumours: (updates) => {
        const news = take(updates);
        if (mongers) updates.forEach((update, i) => news[i] === true && rumours.begin(update));
        return news;
      },
    },
    client: {
      async broadcast(value: number, topic: Key) {
        if (typeof value !== 'number') throw new NotApplied('broadcast takes a number');
        const update: Update = { origin: id, number: ++number, topic, value };
        heard.keep(update);
        // No other update may ever have this number, so it is on the disk before anybody hears of it.
        if (bug !== 'ack-before-sync') await disk.sync();
        heard.note(update);
        if (mongers) rumours.begin(update);
      },
      async read(_, topic) {
        const values = heard.values(topic).slice();
        await disk.sync();
        return values;
      },
    },
  };
}
