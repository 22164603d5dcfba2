import type { Link } from './runtime.ts';

/**
 * # What is left of a majority
 *
 * Several faults may be in force at once, and each may leave a majority by itself while together they do not: one node is cut off,
 * another is killed, and of three none is left that speaks to a second. So what each takes is written down, and what all of
 * them take is what counts.
 */
export interface Loss {
  /** Nodes that others cannot count on: they are down, stand still, have wrong clocks, or disks that fail. */
  readonly nodes?: readonly string[];
  /** Of these nodes, so many at most at the same time. Without it, all of them. */
  readonly atOnce?: number;
  /** Links that carry nothing, or may cease to at any moment. */
  readonly cuts?: readonly Link[];
}

/** The fewest nodes that are more than half. */
export function majorityOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/** Whether some node is up and speaks both ways with enough others that are up to be a majority with them. */
export function leavesMajority(
  nodes: readonly string[],
  cut: readonly Link[],
  out: ReadonlySet<string>,
): boolean {
  const gone = new Set(cut.map(nameOf));
  const up = nodes.filter((node) => !out.has(node));
  return up.some((a) => {
    const reached = up.filter(
      (b) => a === b || !(gone.has(nameOf({ from: a, to: b })) || gone.has(nameOf({ from: b, to: a }))),
    );
    return reached.length >= majorityOf(nodes.length);
  });
}

/** Whether there is a majority whatever all of these take at one time. */
export function allLeaveMajority(nodes: readonly string[], losses: readonly Loss[]): boolean {
  const cuts = losses.flatMap((loss) => loss.cuts ?? []);
  const holds = (left: readonly Loss[], out: ReadonlySet<string>): boolean => {
    const [loss, ...others] = left;
    if (loss === undefined) return leavesMajority(nodes, cuts, out);
    const { nodes: some = [], atOnce = some.length } = loss;
    return choices(some, atOnce).every((taken) => holds(others, out.union(new Set(taken))));
  };
  // The fewest choices last: whatever has none costs nothing to go through again.
  return holds(
    losses.toSorted((a, b) => Number(b.atOnce !== undefined) - Number(a.atOnce !== undefined)),
    new Set(),
  );
}

/** Every way to take so many of them. */
function choices(of: readonly string[], count: number): readonly (readonly string[])[] {
  if (count >= of.length) return [of];
  if (count <= 0) return [[]];
  return of.flatMap((first, i) =>
    choices(of.slice(i + 1), count - 1)
      .map((more) => [first, ...more])
      .filter((some) => some.length === count),
  );
}

const nameOf = ({ from, to }: Link): string => `${from} ${to}`;
