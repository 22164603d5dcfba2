import { scenario } from '../scenario.ts';
import { linksFrom, linksTo } from '../stage.ts';

/**
 * A leader whose clock runs slow, and that is cut off from the others while its clients still ask it. By its own clock nothing is
 * the matter: its lease has hardly begun. The others have waited for the end of that lease, and go on without it.
 *
 * ```
 *   leader   ─┤ clock at a fifth of its pace ┬─────────── answers still? ───────────┤ right again
 *   others   ────────────────────────────────┴─ cut off ──┤ another leads ── writes ─┤
 * ```
 *
 * Who asks a majority before it answers has nothing to fear of it. Leases do (Gray & Cheriton 1989, §5).
 */
export default scenario({
  name: 'slow-leader',
  about: 'slows the leader’s clock, cuts it off, and lets the others go on: leases end too late',
  needs: ['cut', 'clock'],
  takesMs: 3000,
  async play(stage) {
    const { random, nodes } = stage;
    const old = await stage.leader();
    const others = nodes.filter((node) => node !== old);
    const right = await stage.pace(random.pick([0.1, 0.2, 0.3]), old);
    const mend = await stage.cut([...linksFrom(old, others), ...linksTo(old, others)]);
    await stage.leader(others);
    await stage.writes(3);
    await stage.sleep(1000);
    await mend();
    await right();
    await stage.sleep(300);
  },
});
