import type { Field } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { majorityOf } from './shapes.ts';

/** How many nodes a fault wants, or which. */
export const targetVariants = ['one', 'minority', 'majority', 'all', 'leader'] as const;
export type TargetVariant = (typeof targetVariants)[number];

/** The nodes to hit; or, where there is none, why. */
export type Targets = { readonly nodes: readonly Node[] } | { readonly none: string };

/**
 * Draws whom a fault hits, among nodes that no earlier fault has hit already. The variant says how many are wanted, and
 * the quorum how many there may be: where a majority has to stay up, `all` takes as many as leave one.
 */
export async function drawTargets(field: Field, variant: string): Promise<Targets> {
  const { nodes, impaired, random } = field;
  const well = nodes.filter(({ name }) => !impaired.has(name));
  // Drawn always, so that what follows in the stream does not depend on how the cluster fares.
  const order = random.shuffle(nodes).filter((node) => well.includes(node));
  const sparing = keepsQuorum(field);
  const spare = sparing ? well.length - majorityOf(nodes.length) : well.length;
  if (well.length === 0) return { none: 'every node is impaired already' };
  if (spare <= 0)
    return { none: `a majority has to stay up, and ${[...impaired].join(' ')} is impaired already` };
  if (variant === 'leader') {
    const leader = await leaderAmong(field, well);
    return 'none' in leader ? leader : { nodes: [leader.node] };
  }
  const hit = order.slice(0, Math.min(spare, wanted(variant, nodes.length)));
  return { nodes: nodes.filter((node) => hit.includes(node)) };
}

/** Whether this strike has to leave a majority up and connected. */
export function keepsQuorum({ quorum, random }: Pick<Field, 'quorum' | 'random'>): boolean {
  const drawn = random.fraction() < 0.5;
  return quorum === 'never' || (quorum === 'mix' && drawn);
}

/** Who leads among these nodes, as far as can be told: of several who think so, the one with the latest term. */
export async function leaderAmong(
  field: Pick<Field, 'leaders'>,
  among: readonly Node[],
): Promise<{ readonly node: Node } | { readonly none: string }> {
  let leaders;
  try {
    leaders = await field.leaders(among);
  } catch (error) {
    return { none: `nobody could say who leads: ${error instanceof Error ? error.message : String(error)}` };
  }
  const [latest] = leaders
    .filter(({ node }) => among.some(({ name }) => name === node))
    .toSorted((a, b) => (b.term ?? 0) - (a.term ?? 0));
  const node = among.find(({ name }) => name === latest?.node);
  return node === undefined ? { none: 'no node that is well says that it leads' } : { node };
}

function wanted(variant: string, nodes: number): number {
  switch (variant) {
    case 'minority':
      return Math.max(1, nodes - majorityOf(nodes));
    case 'majority':
      return majorityOf(nodes);
    case 'all':
      return nodes;
    default:
      return 1;
  }
}
