import type { Node } from '../../harness/runtime.ts';
import { scenario } from '../scenario.ts';
import { linksTo } from '../stage.ts';

/**
 * etcd-io/etcd#20418, step by step: linearizable reads that return stale data after pauses. Derived from how it comes about,
 * and kept to see at once whether a version has it.
 *
 * A leader answers a read once a majority has said, in answer to a heartbeat that carries the read's number, that it still
 * leads. A follower that forwards a read, and has had no answer for 500 ms, forwards it again under the *same* number. So:
 *
 * ```
 *   1  A read A, forwarded by F, is in the leader's socket. What F sends from now on is held: its answers to heartbeats
 *      that carry A, and, after 500 ms, A once more, and more answers.
 *   2  G, which was asleep, wakes and says that the leader leads: A is answered. The leader falls asleep. F and G
 *      elect another, which acknowledges writes.
 *   3  The leader wakes and is asked a read B. Then what F has sent comes in: A is queued anew, behind B, and the
 *      answers to A's number count for it, old as they are; and what is confirmed for A is confirmed for B, before it.
 * ```
 */
export default scenario({
  name: 'etcd-20418',
  about: 'the schedule that shows the stale linearizable reads of etcd-io/etcd#20418',
  needs: ['pause', 'cut', 'shape'],
  takesMs: 5000,
  async play(stage) {
    const old = await stage.leader();
    const [f, g] = stage.random.shuffle(stage.nodes.filter((node) => node !== old)) as [Node, Node];

    const speak = await stage.hush([old, g]);
    await stage.sleep(30);
    await stage.freeze(g, old);
    await stage.sleep(100);
    const release = await stage.hold(linksTo(old, [f]));
    await stage.thaw(old);
    await stage.sleep(740);
    await stage.thaw(g);
    await stage.sleep(30);

    await stage.freeze(old);
    const mend = await stage.hold(linksTo(old, [g]));
    await stage.leader([f, g]);
    await stage.writes(20);

    await speak();
    await stage.sleep(40);
    await stage.thaw(old);
    await stage.sleep(40);
    await release();
    await stage.sleep(300);
    await mend();
    await stage.sleep(500);
  },
});
