import type { DurableList, MakeNode, Messages } from '../../kit/kit.ts';
import { runIn } from '../../kit/sim/loop.ts';
import { timeOf } from '../../kit/sim/time.ts';
import { Timeline } from '../../kit/sim/timeline.ts';
import { World } from '../../kit/sim/world.ts';

/** Something that the coordinator is about to do. */
type Step =
  | { readonly does: 'call'; readonly name: string; readonly to: string }
  | { readonly does: 'write'; readonly list: string };

/** When the coordinator dies: at a step of its own, which it does not come to do; or a little later, and only the step is lost. */
export type Fate = (step: Step) => 'dies' | 'loses it and dies' | undefined;

export interface Seen {
  /** For how long each of the other participants knew that it had voted yes, and not what came of it. */
  readonly inDoubtMs: readonly number[];
  /** What they have decided in the end. */
  readonly decisions: readonly string[];
}

const DOWN_MS = 5_000;
const POLL_MS = 5;

/** One transaction on three nodes under calm skies, whose coordinator n1 meets its fate and is back five seconds later. */
export async function coordinatorDies(protocol: MakeNode<Messages, Messages>, fate: Fate): Promise<Seen> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  let dead = false;
  const die = (): void => {
    if (dead) return;
    dead = true;
    world.machine('n1').kill();
    timeline.after(DOWN_MS, () => world.machine('n1').start());
  };
  const meets = (step: Step): boolean => {
    const what = dead ? undefined : fate(step);
    if (what === 'dies') die();
    else if (what !== undefined) timeline.after(100, die);
    return what !== undefined;
  };
  const never = new Promise<never>(() => {});
  const world: World = new World({
    timeline,
    seed: 1,
    nodes: ['n1', 'n2', 'n3'],
    weather: { jitterMs: 2, syncMs: 2, lossFraction: 0, duplicateFraction: 0 },
    make: (host) =>
      protocol(
        host.id !== 'n1'
          ? host
          : {
              ...host,
              call: (to, name, ...rest) =>
                meets({ does: 'call', name, to }) ? never : host.call(to, name, ...rest),
              disk: {
                ...host.disk,
                list: <T>(list: string): DurableList<T> => {
                  const durable = host.disk.list<T>(list);
                  return {
                    items: durable.items,
                    truncate: (length) => durable.truncate(length),
                    push: (...items: readonly T[]) => {
                      if (!meets({ does: 'write', list })) durable.push(...items);
                    },
                  };
                },
              },
            },
      ),
  });
  return runIn(timeline, async () => {
    for (const machine of world.machines.values()) machine.start();
    await time.sleep(50);
    world.ask('n1', 'transact', 'x', [1, null]).catch(() => {});
    const since: number[] = [];
    const inDoubtMs = [0, 0];
    const decisions = ['unknown', 'unknown'];
    for (let passed = 0; passed < 2 * DOWN_MS; passed += POLL_MS) {
      await time.sleep(POLL_MS);
      for (const [i, node] of ['n2', 'n3'].entries()) {
        const [state] = (await world.ask(node, 'outcome', 'x', undefined)) as [string];
        decisions[i] = state;
        if (state === 'prepared') inDoubtMs[i] = Math.round(timeline.now - (since[i] ??= timeline.now));
      }
    }
    return { inDoubtMs, decisions };
  });
}
