import { majorityOf } from '../harness/quorum.ts';
import type { Random } from '../harness/random.ts';
import { CLIENTS, type Link } from '../harness/runtime.ts';

/**
 * # Shapes of partitions
 *
 * A shape says, for the names of some nodes, which links to cut, each in one direction:
 *
 * ```
 *   halves             n1 n2 | n3 n4 n5          as even as can be
 *   one                n1 | n2 n3 n4 n5          one node alone
 *   majority           n1 | n2 n3 n4 n5          a majority keeps together; how many leave it is drawn
 *   majorities-ring    n1─n2─n3─n4─n5─n1         every node hears a majority, and no two the same one
 *   bridge             n1 n2 ─ n3 ─ n4 n5        two halves that only one node speaks to
 *   leader             n2 | n1 n3 n4 n5          whoever leads, alone
 *   one-way            n1 n2 ← n3 n4 n5          some hear the others and are not heard, or the reverse
 *   clients            clients | n1 n2           no client reaches some nodes, or only their answers are lost, or requests
 * ```
 *
 * Everything here is a pure function of names and a random stream.
 */
export interface Shape {
  readonly cut: readonly Link[];
  /** Nodes on the smaller side. Those that are left keep every link among themselves, unless nobody is left. */
  readonly hit: readonly string[];
  /** For people. */
  readonly what: string;
}

export type ShapeName =
  | 'halves'
  | 'one'
  | 'majority'
  | 'majorities-ring'
  | 'bridge'
  | 'leader'
  | 'one-way'
  | 'clients';

/** Draws a shape over at least two nodes; `undefined` where there are too few for it, or nobody leads. */
export function drawShape(
  name: ShapeName,
  nodes: readonly string[],
  leader: string | undefined,
  random: Random,
): Shape | undefined {
  const n = nodes.length;
  const shuffled = random.shuffle(nodes);
  if (n < 2) return undefined;
  switch (name) {
    case 'halves':
      return split(shuffled, Math.floor(n / 2));
    case 'one':
      return split(shuffled, 1);
    case 'majority':
      return n < 3 ? undefined : split(shuffled, 1 + random.below(n - majorityOf(n)));
    case 'leader':
      return leader === undefined
        ? undefined
        : split([leader, ...nodes.filter((node) => node !== leader)], 1);
    case 'majorities-ring':
      return n < 3 ? undefined : majoritiesRing(shuffled);
    case 'bridge':
      return n < 3 ? undefined : bridge(shuffled);
    case 'one-way':
      return oneWay(shuffled, 1 + random.below(Math.floor(n / 2)), random.pick(['deaf', 'mute']));
    case 'clients':
      return fromClients(shuffled.slice(0, 1 + random.below(n - 1)), random.pick(['both', 'deaf', 'mute']));
  }
}

/** Every link between different nodes, in both directions. */
export function allLinks(nodes: readonly string[]): Link[] {
  return nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));
}

export function sameLink(a: Link, b: Link): boolean {
  return a.from === b.from && a.to === b.to;
}

function split(nodes: readonly string[], few: number): Shape {
  const [left, right] = [nodes.slice(0, few), nodes.slice(few)];
  return {
    cut: [...between(left, right), ...between(right, left)],
    hit: left,
    what: `${left.toSorted().join(' ')} | ${right.toSorted().join(' ')}`,
  };
}

/**
 * Nodes stand in a ring, and each hears those next to it that make a majority with it. Where that number is even, it
 * hears one more behind it than before it, so some links are cut in one direction only.
 */
function majoritiesRing(ring: readonly string[]): Shape {
  const n = ring.length;
  const behind = Math.floor(majorityOf(n) / 2);
  const before = majorityOf(n) - 1 - behind;
  const cut = ring.flatMap((to, place) =>
    ring.flatMap((from, other) => {
      const distance = (other - place + n) % n;
      return distance === 0 || distance <= before || distance >= n - behind ? [] : [{ from, to }];
    }),
  );
  return { cut, hit: ring, what: `ring of ${ring.join(' ')}, each hears ${majorityOf(n)} of ${n}` };
}

function bridge(nodes: readonly string[]): Shape {
  const few = Math.floor((nodes.length - 1) / 2);
  const [left, middle, right] = [nodes.slice(0, few), nodes[few], nodes.slice(few + 1)];
  return {
    cut: [...between(left, right), ...between(right, left)],
    hit: left,
    what: `${left.toSorted().join(' ')} | ${right.toSorted().join(' ')}, and ${middle} speaks to all`,
  };
}

function oneWay(nodes: readonly string[], few: number, how: 'deaf' | 'mute'): Shape {
  const [some, others] = [nodes.slice(0, few), nodes.slice(few)];
  const [from, to] = how === 'mute' ? [some, others] : [others, some];
  return {
    cut: between(from, to),
    hit: some,
    what: `${to.toSorted().join(' ')} cannot hear ${from.toSorted().join(' ')}`,
  };
}

/** Nodes keep every link among themselves: whoever asks them is cut off, and asks elsewhere. */
function fromClients(nodes: readonly string[], how: 'both' | 'deaf' | 'mute'): Shape {
  const names = nodes.toSorted().join(' ');
  const [deaf, mute] = [between([CLIENTS], nodes), between(nodes, [CLIENTS])];
  if (how === 'both') return { cut: [...deaf, ...mute], hit: nodes, what: `clients | ${names}` };
  return how === 'deaf'
    ? { cut: deaf, hit: nodes, what: `${names} cannot hear clients` }
    : { cut: mute, hit: nodes, what: `clients cannot hear ${names}` };
}

function between(from: readonly string[], to: readonly string[]): Link[] {
  return from.flatMap((a) => to.map((b) => ({ from: a, to: b })));
}
