import type { Evidence, Field } from '../harness/fault.ts';
import { CLIENTS, type Link, type Network, type Node, type NodeState } from '../harness/runtime.ts';
import type { Time } from '../harness/time.ts';
import { allLinks, sameLink } from './shapes.ts';

/**
 * # Evidence
 *
 * A fault that did not happen makes a test that tested nothing, and looks like a pass. So every fault looks, with other
 * means than those it struck with: it sends something over the links that it cut, and over some that it did not, and it
 * asks the operating system for the state of a process.
 */
const RETRY_MS = 50;
/** How long an effect may take to show. */
const PATIENCE_MS = 2000;
/** Links may stay cut by another fault, which nobody here knows; so a heal is not watched for long. */
const HEAL_PATIENCE_MS = 800;
/** How many of the links that were left alone are tried. */
const SAMPLE = 4;

/** What a probe can tell about links before they are cut, against which the effect is measured. */
export interface Baseline {
  /** To be cut, and passing until then. */
  readonly passing: readonly Link[];
  /** To be left alone, and passing: none of these may suffer. */
  readonly others: readonly Link[];
  /** Why nothing could be found out. */
  readonly failed?: string;
}

/** Which links pass before a cut: links of nodes that are down, or that another fault has cut, prove nothing. */
export async function baseline(field: Field, cut: readonly Link[]): Promise<Baseline> {
  const names = field.nodes.map(({ name }) => name);
  const left = allLinks(names).filter((link) => !cut.some((other) => sameLink(link, other)));
  // The way back of a link that is cut one way comes first: that it passes is what makes the cut one-way.
  const back = (link: Link): boolean => cut.some(({ from, to }) => from === link.to && to === link.from);
  const shuffled = field.random.shuffle(left);
  const tried = [...shuffled.filter(back), ...shuffled.filter((link) => !back(link))].slice(0, 2 * SAMPLE);
  try {
    const passes = await probe(field.network, [...cut, ...tried]);
    return { passing: cut.filter(passes), others: tried.filter(passes).slice(0, SAMPLE) };
  } catch (error) {
    return { passing: [], others: [], failed: messageOf(error) };
  }
}

/** Whether the links are cut now, and only they. */
export async function evidenceOfCut(
  { network, nodes, time }: Pick<Field, 'network' | 'nodes' | 'time'>,
  cut: readonly Link[],
  { passing, others, failed }: Baseline,
): Promise<Evidence> {
  if (failed !== undefined) return indeterminate(`the probe failed: ${failed}`);
  if (passing.length === 0)
    return indeterminate(
      'none of its links had let anything through before, so that none could be seen to be cut',
    );
  let leaking: readonly Link[] = [];
  let suffering: readonly Link[] = [];
  const seen = await until(time, async () => {
    const passes = await probe(network, [...cut, ...others]);
    leaking = cut.filter(passes);
    const dead = others.filter((link) => !passes(link));
    // A link may also have lost one of its ends meanwhile, to another fault.
    const up = dead.length > 0 ? await reachable(nodes) : new Set();
    suffering = dead.filter(({ from, to }) => up.has(from) && up.has(to));
    return leaking.length + suffering.length === 0;
  });
  if (seen)
    return confirmed(
      `${counted(cut.length, 'cut link')} probed blocked, ${counted(others.length, 'other')} probed open`,
    );
  return indeterminate(
    leaking.length > 0
      ? `${named(leaking)} still let everything through`
      : `${named(suffering)} went dead, and should not have`,
  );
}

/** Whether links that were cut let everything through again. `down` are nodes whose links cannot. */
export async function evidenceOfLinks(
  { network, nodes, time }: Pick<Field, 'network' | 'nodes' | 'time'>,
  links: readonly Link[],
): Promise<Evidence> {
  if (links.length === 0)
    return { outcome: 'skipped', because: 'none of its links was seen to pass before it was cut' };
  const up = await reachable(nodes);
  const live = links.filter(({ from, to }) => up.has(from) && up.has(to));
  if (live.length === 0)
    return { outcome: 'skipped', because: 'no link that was cut has both of its ends up' };
  let blocked: readonly Link[] = [];
  const seen = await until(
    time,
    async () => {
      const passes = await probe(network, live);
      blocked = live.filter((link) => !passes(link));
      return blocked.length === 0;
    },
    HEAL_PATIENCE_MS,
  );
  return seen
    ? confirmed(`${counted(live.length, 'link')} probed open again`)
    : indeterminate(`${named(blocked)} still blocked; another fault may hold it`);
}

/** Whether these nodes are in a state, as the operating system sees it. */
export async function evidenceOfState(
  time: Time,
  nodes: readonly Node[],
  wanted: NodeState,
): Promise<Evidence> {
  let others: readonly string[] = [];
  const seen = await until(time, async () => {
    const states = await Promise.all(nodes.map((node) => node.state()));
    others = nodes.flatMap(({ name }, i) => (states[i] === wanted ? [] : [`${name} is ${states[i]}`]));
    return others.length === 0;
  });
  return seen
    ? confirmed(`the operating system says ${wanted}: ${nodes.map(({ name }) => name).join(' ')}`)
    : indeterminate(others.join(', '));
}

/** Who can be at the end of a link that carries. */
async function reachable(nodes: readonly Node[]): Promise<ReadonlySet<string>> {
  return new Set([...(await namesIn(nodes, 'running')), CLIENTS]);
}

export async function namesIn(nodes: readonly Node[], wanted: NodeState): Promise<ReadonlySet<string>> {
  const states = await Promise.all(nodes.map((node) => node.state()));
  return new Set(nodes.flatMap(({ name }, i) => (states[i] === wanted ? [name] : [])));
}

export function confirmed(how: string): Evidence {
  return { outcome: 'confirmed', how };
}

export function indeterminate(because: string): Evidence {
  return { outcome: 'indeterminate', because };
}

/** Runs a probe; one that itself goes wrong has found nothing out, which is no reason to leave a fault unhealed. */
export async function probed(look: () => Promise<Evidence>): Promise<Evidence> {
  try {
    return await look();
  } catch (error) {
    return indeterminate(`the probe failed: ${messageOf(error)}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function probe(network: Network, links: readonly Link[]): Promise<(link: Link) => boolean> {
  const arrives = links.length === 0 ? [] : await network.probe(links);
  const open = new Set(links.filter((_, i) => arrives[i] === true).map(({ from, to }) => `${from} ${to}`));
  return ({ from, to }) => open.has(`${from} ${to}`);
}

async function until(
  time: Time,
  holds: () => Promise<boolean>,
  patienceMs: number = PATIENCE_MS,
): Promise<boolean> {
  for (const end = time.now() + patienceMs * 1e6; ; await time.sleep(RETRY_MS)) {
    if (await holds()) return true;
    if (time.now() >= end) return false;
  }
}

function counted(n: number, one: string): string {
  return n === 1 ? `1 ${one}` : `${n} ${one}s`;
}

function named(links: readonly Link[]): string {
  const few = links.slice(0, 3).map(({ from, to }) => `${from}→${to}`);
  return links.length > 3 ? `${few.join(', ')} and ${links.length - 3} more` : few.join(', ');
}
