import type { Fault, Injection } from '../../harness/fault.ts';
import { seeded } from '../../harness/random.ts';
import type { Runtime } from '../../harness/runtime.ts';
import type { FaultWorld } from './conformance.ts';
import { battlefield } from './field.ts';

/** At most so many in force at once, and so many in a row. */
const [atOnce, inRow] = [3, 5];

/** Strikes with faults drawn from a seed, several of them at once, and heals them in an order that is drawn, too. Says what it did. */
export async function randomBattle(
  world: FaultWorld,
  faults: readonly Fault[],
  { can }: Pick<Runtime, 'can'>,
  seed: number,
): Promise<readonly string[]> {
  const random = seeded(seed);
  const able = faults.filter(({ needs }) => needs.every((need) => can.has(need)));
  const { field } = battlefield(world);
  const inForce: Injection[] = [];
  const did: string[] = [];
  const heal = async (): Promise<void> => {
    const [one] = inForce.splice(random.below(inForce.length), 1);
    await one?.heal();
  };
  for (let strike = 0; strike < inRow; strike++) {
    const fault = random.pick(able);
    const variant = random.pick(fault.variants);
    const impaired = inForce.flatMap(({ nodes }) => nodes);
    const injection = await fault.inject(field(random.below(2 ** 31), { impaired }), variant);
    inForce.push(injection);
    did.push(`${fault.name}:${variant} ${injection.evidence.outcome}`);
    if (inForce.length >= atOnce || random.fraction() < 0.4) await heal();
  }
  while (inForce.length > 0) await heal();
  return did;
}
