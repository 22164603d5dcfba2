import type { Link, Node } from '../../harness/runtime.ts';
import { scenario } from '../scenario.ts';
import { linksTo, type Stage, type Undo } from '../stage.ts';

/**
 * A leader that was stopped while others went on, and comes back believing that nothing has happened, to what was sent to
 * it before and only arrives now.
 *
 * ```
 *   leader    ──┤freeze├───────────────┤ frozen, hears nothing ├── wakes ── hears one follower ── and the others
 *   follower  ─────┤ what it sends to the leader is held ─────────────────────────┘ arrives, all of it
 *   follower  ─────┤ sleeps        ├──── elects, acknowledges writes ────────────────────────┘
 *   clients   ── of some nodes ──────────────────────────────────┤ of all nodes: they wait at the old leader's door
 * ```
 *
 * What deep bugs of leaders have needed, put together at random: faults that overlap and have a direction, at the speed of
 * the system; steps that wait for what happens and not for a clock; and clients at every node, the deposed one too. Which
 * follower sleeps, what is held, who is asked meanwhile, how long everything takes, and in which order links come back, is
 * drawn anew each time. It knows nothing of any system.
 */
export default scenario({
  name: 'zombie-leader',
  about: 'wakes a deposed leader to messages from before, with clients waiting at its door',
  needs: ['pause', 'cut', 'shape'],
  takesMs: 3200,
  async play(stage) {
    const { random, nodes } = stage;
    const old = await stage.leader();
    const followers = random.shuffle(nodes.filter((node) => node !== old));
    const drawn = draw(stage, followers);

    // Before: something is under way between the leader and its followers, and does not arrive.
    const silent = drawn.silent === 'leader' ? [old] : drawn.silent;
    const speak = await stage.hush(silent.filter((node) => node === old));
    const othersSpeak = await stage.hush(silent.filter((node) => node !== old));
    await stage.sleep(30);
    if (drawn.freezes) {
      await stage.freeze(old);
      await stage.sleep(20 + random.below(40));
    }
    await stage.freeze(...drawn.sleeper);
    const held = new Map<string, Undo>();
    const hold = async (links: readonly Link[]): Promise<void> => {
      for (const link of links) held.set(link.from, await stage.hold([link]));
    };
    await hold(linksTo(old, drawn.held));
    await stage.thaw(old);
    await stage.sleep(drawn.holdMs);
    if (drawn.wakes) await stage.thaw(...drawn.sleeper);
    await stage.sleep(random.pick([5, 20, 50]));

    // Deposed: the others go on without it.
    await stage.freeze(old);
    await hold(
      linksTo(
        old,
        followers.filter(({ name }) => !held.has(name)),
      ),
    );
    await stage.thaw(...drawn.sleeper);
    await othersSpeak();
    await stage.leader(followers);
    await stage.writes(10);

    // And back: it is asked again, and whatever was on its way to it arrives, one follower after the other; as things are,
    // what has been on its way for longest is most often first.
    await speak();
    await stage.sleep(random.pick([20, 50, 100]));
    await stage.thaw(old);
    await stage.sleep(random.pick([5, 20, 50, 100]));
    const order = random.fraction() < 0.75 ? [...held.keys()] : random.shuffle([...held.keys()]);
    for (const name of order) {
      await held.get(name)?.();
      await stage.sleep(random.pick([0, 10, 100, 500]));
    }
    await stage.sleep(500);
  },
});

interface Drawn {
  /** At most one follower, that gets no time. */
  readonly sleeper: readonly Node[];
  /** At most one follower, whose messages to the leader are held: one that sleeps sends none. */
  readonly held: readonly Node[];
  /** Whose clients are not heard meanwhile, so that others are the only ones who ask. */
  readonly silent: readonly Node[] | 'leader';
  /** Whether it begins while the leader is frozen, so that requests that have reached it by then are caught inside. */
  readonly freezes: boolean;
  readonly holdMs: number;
  readonly wakes: boolean;
}

function draw({ random, nodes, sparing }: Stage, followers: readonly Node[]): Drawn {
  const likely = (): boolean => random.fraction() < 0.75;
  const sleeper = likely() ? followers.slice(0, 1) : [];
  const [free] = followers.filter((node) => !sleeper.includes(node));
  const silence = random.fraction();
  return {
    sleeper,
    held: likely() && free ? [free] : [],
    silent: silence < 0.6 ? 'leader' : silence < 0.8 ? [] : random.shuffle(nodes).slice(1),
    freezes: likely(),
    holdMs: 400 + random.below(500),
    // Where a majority has to stay up, no two sleep at the same time, but for the moment in which one is woken for the other.
    wakes: likely() || sparing,
  };
}
