import type { Node } from '../../harness/runtime.ts';
import { scenario } from '../scenario.ts';
import { linksFrom, linksTo } from '../stage.ts';

/**
 * A follower that falls behind, and then has to take over.
 *
 * ```
 *   leader    ──┬ cut off from one follower alone ┬── goes on ──┤ dies ├────────────── is back
 *   follower  ──┴──────── hears nothing of it ────┴─────────────────── leads? ────────────────
 * ```
 *
 * Whoever may lead must hold all that was acknowledged, and only a vote, an epoch or an acknowledged view says who does.
 * How far the follower falls behind is drawn anew each time.
 */
export default scenario({
  name: 'lagging-heir',
  about: 'cuts one follower off from the leader alone, and kills the leader when it has fallen behind',
  needs: ['cut', 'kill'],
  takesMs: 3500,
  async play(stage) {
    const { random, nodes } = stage;
    const leader = await stage.leader();
    const heir = random.pick(nodes.filter((node) => node !== leader)) as Node;
    const mend = await stage.cut([...linksFrom(leader, [heir]), ...linksTo(leader, [heir])]);
    await stage.sleep(random.pick([50, 300, 700, 900, 1100]));
    await stage.kill(leader);
    if (random.below(2) === 0) await mend();
    await stage.sleep(1200);
    await stage.restart(leader);
    await mend();
    await stage.sleep(300);
  },
});
