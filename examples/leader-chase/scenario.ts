import { linksFrom, linksTo } from 'labrys/nemesis/stage';
import { scenario } from 'labrys/nemesis/scenario';

/** The one that leads is cut off; the one that follows it is killed; and both come back at the same time. */
export default scenario({
  name: 'leader-chase',
  about: 'cuts the leader off, waits for another, kills that one, and heals both at once',
  needs: ['cut', 'kill'],
  takesMs: 5000,
  async play(stage) {
    const { nodes, random } = stage;
    const first = await stage.leader();
    const others = nodes.filter((node) => node !== first);
    const mend = await stage.cut([...linksFrom(first, others), ...linksTo(first, others)]);

    const second = await stage.leader(others);
    await stage.writes(5);
    if (!stage.sparing) await stage.kill(second);
    await stage.sleep(random.below(500));

    await Promise.all([mend(), stage.restart(second)]);
    await stage.writes(5, 5000);
  },
});
