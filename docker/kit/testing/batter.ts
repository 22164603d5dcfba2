import { seeded } from '../../../harness/random.ts';
import type { MakeNode, Messages } from '../kit.ts';
import { runIn } from '../sim/loop.ts';
import { timeOf } from '../sim/time.ts';
import { Timeline } from '../sim/timeline.ts';
import { World } from '../sim/world.ts';

export interface Battering {
  readonly seed: number;
  /** Makes a node, each time that it is started: what a test sees inside of it, it sees there. */
  readonly make: MakeNode<Messages, Messages>;
  /** Whom writes are sent to. */
  readonly through: 'leader' | 'anyone';
}

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const SECONDS = 20;

/**
 * Five nodes under virtual time that are written to while they are killed and cut off, the leader most often, alone or with
 * one other; for tests of what holds inside the nodes.
 */
export async function batter({ seed, make, through }: Battering): Promise<void> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  const random = seeded(seed).fork('faults');
  const world = new World({ timeline, seed, nodes: NODES, make });
  await runIn(timeline, async () => {
    for (const machine of world.machines.values()) machine.start();
    for (let value = 1; timeline.now < SECONDS * 1000; value++) {
      await time.sleep(20);
      const leader = [...world.machines.values()].find(({ status }) => status?.role === 'leader')?.id;
      const asked = through === 'leader' ? leader : random.pick(NODES);
      if (asked !== undefined) world.ask(asked, 'write', 'x', value).catch(() => {});
      if (value % 15 === 0) strike(random.below(3) > 0 && leader !== undefined ? leader : random.pick(NODES));
    }
  });

  function strike(hit: string): void {
    if (random.below(2) === 0) {
      world.machine(hit).kill();
      timeline.after(random.pick([1, 100, 400]), () => world.machine(hit).start());
      return;
    }
    const others = random.shuffle(NODES.filter((node) => node !== hit));
    const alone = [hit, ...others.slice(0, random.below(2))];
    const links = NODES.filter((node) => !alone.includes(node)).flatMap((node) =>
      alone.flatMap((one) => [
        { from: one, to: node },
        { from: node, to: one },
      ]),
    );
    world.setCuts(links);
    timeline.after(random.pick([100, 400, 1000]), () => world.setCuts([]));
  }
}
