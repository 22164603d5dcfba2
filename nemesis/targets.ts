import type { Field } from '../harness/fault.ts';
import { allLeaveMajority, majorityOf, type Loss } from '../harness/quorum.ts';
import type { Node } from '../harness/runtime.ts';

/** How many nodes a fault wants, or which. */
export const targetVariants = ['one', 'minority', 'majority', 'all', 'leader'] as const;
export type TargetVariant = (typeof targetVariants)[number];

/** The nodes to hit; or, where there is none, why. */
export type Targets = { readonly nodes: readonly Node[] } | { readonly none: string };

/**
 * Draws whom a fault hits, among nodes that are not down already. The variant says how many are wanted, or in which role
 * (`leader`, `@follower`), and the quorum how many there may be: where a majority has to stay up, counting all faults in
 * force, `all` takes as many as leave one.
 */
export async function drawTargets(field: Field, variant: string): Promise<Targets> {
  const { nodes, impaired, random } = field;
  const well = nodes.filter(({ name }) => !impaired.has(name));
  // Drawn always, so that what follows in the stream does not depend on how the cluster fares.
  const order = random.shuffle(nodes).filter((node) => well.includes(node));
  const sparing = keepsQuorum(field);
  if (well.length === 0) return { none: 'every node is impaired already' };
  const spares = (hit: readonly Node[]): boolean =>
    !sparing || leaves(field, { nodes: hit.map(({ name }) => name) });
  const among = order.filter((node) => spares([node]));
  if (among.length === 0) return { none: `a majority has to stay up, ${already(field)}` };
  const role = roleIn(variant);
  if (role !== undefined) {
    const one = await inRole(field, role, among);
    return 'none' in one ? one : { nodes: [one.node] };
  }
  const hit: Node[] = [];
  for (const node of among)
    if (hit.length < wanted(variant, nodes.length) && spares([...hit, node])) hit.push(node);
  return { nodes: nodes.filter((node) => hit.includes(node)) };
}

/** Whether a majority is left when this, too, is taken. */
export function leaves({ nodes, losses }: Pick<Field, 'nodes' | 'losses'>, loss: Loss): boolean {
  return allLeaveMajority(
    nodes.map(({ name }) => name),
    [...losses, loss],
  );
}

/** Why there may be nothing left to take. */
export function already({ losses }: Pick<Field, 'losses'>): string {
  const gone = [...new Set(losses.flatMap(({ nodes = [] }) => nodes))];
  const cut = losses.some(({ cuts = [] }) => cuts.length > 0);
  const what = [...(gone.length > 0 ? [gone.join(' ')] : []), ...(cut ? ['a partition'] : [])].join(' and ');
  return what === '' ? 'and it is too small to lose any' : `and ${what} cannot be counted on already`;
}

/** The role that a variant aims at: `leader`, `@coordinator`. */
export const roleIn = (variant: string): string | undefined =>
  variant === 'leader' ? 'leader' : variant.startsWith('@') ? variant.slice(1) : undefined;

/** One of these nodes that has a role, as it says; of leaders, the latest. */
export async function inRole(
  field: Pick<Field, 'leaders' | 'inRole'>,
  role: string,
  among: readonly Node[],
): Promise<{ readonly node: Node } | { readonly none: string }> {
  if (role === 'leader') return leaderAmong(field, among);
  const [node] = await field.inRole(role, among);
  return node === undefined ? { none: `no node that is well says that it is ${role}` } : { node };
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
