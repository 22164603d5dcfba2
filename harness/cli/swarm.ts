import type { Fault } from '../fault.ts';
import { seeded } from '../random.ts';
import type { Runtime } from '../runtime.ts';
import type { Offer, System } from '../system.ts';

/** More of them, and each comes too seldom to matter. */
const [fewest, most] = [2, 5] as const;

/**
 * Which faults a run has is drawn from its seed, among all that can be done here to this system: many unlike mixes find more than one mix of everything does,
 * since some faults keep others from mattering ("Swarm testing", Groce et al., 2012).
 */
export async function drawSwarm(
  faults: readonly Fault[],
  { can, lacks }: Pick<Runtime, 'can' | 'lacks'>,
  system: Pick<System, Offer>,
  seed: number,
): Promise<readonly { readonly name: string }[]> {
  const random = seeded(seed).fork('swarm');
  const wanted = fewest + random.below(most - fewest + 1);
  const drawn: Fault[] = [];
  const able = faults.filter(
    ({ needs, asks = [] }) =>
      needs.every((need) => can.has(need)) && asks.every((offer) => system[offer] !== undefined),
  );
  for (const fault of random.shuffle(able)) {
    if (drawn.length === wanted) break;
    const lacking = await Promise.all(fault.needs.map(async (need) => await lacks?.(need)));
    if (lacking.every((lack) => lack === undefined)) drawn.push(fault);
  }
  return drawn.map(({ name }) => ({ name }));
}
