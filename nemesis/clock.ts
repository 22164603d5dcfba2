import { type ClockName, type NodeClock, right, type Skew, steady } from '../harness/clock.ts';
import type { Fault, Field, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { evidenceOfSkew, evidenceOfTruth, readClocks } from './clock-evidence.ts';
import { indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { drawTargets, targetVariants } from './targets.ts';

const variants = [
  'ahead',
  'behind',
  'fast',
  'slow',
  'strobe',
  'monotonic-ahead',
  'monotonic-fast',
  'monotonic-slow',
] as const;
type Variant = (typeof variants)[number];

/**
 * Nodes whose clocks are wrong: leases that end too late or too early, timestamps that order writes wrongly, timeouts that
 * never come. The time of day may jump, also back, as when an operator or a time server sets it; the monotonic clock runs fast or
 * slow, or loses touch as after a suspension, and never goes back.
 */
const clock: Fault = {
  name: 'clock',
  about: 'skews the clocks of nodes, and of nothing else: they jump, run fast or slow, or flicker',
  proof: 'another program reads the clocks of each process',
  needs: ['clock'],
  variants,
  async inject(field, variant): Promise<Injection> {
    const { clock, skew, says } = draw(variant as Variant, field.random.fork('skew'));
    const target = field.random.pick(targetVariants);
    const taken = field.nodes.filter((node) => wrong.get(clockOf(node))?.has(clock)).map(({ name }) => name);
    const targets = await drawTargets({ ...field, impaired: field.impaired.union(new Set(taken)) }, target);
    if ('none' in targets)
      return nothing(
        taken.length > 0 ? `the ${clock} clock of ${taken.join(' ')} is wrong already` : targets.none,
      );
    const { nodes } = targets;
    hold(nodes, clock);
    const names = nodes.map(({ name }) => name);
    const before = await readClocks(nodes).catch(() => []);
    const refused = await everyone(nodes, (node) => clockOf(node).set(clock, skew));
    return {
      what: `${names.join(' ')}: ${clock} clock ${says}`,
      nodes: names,
      evidence:
        refused.length > 0
          ? indeterminate(refused.join('; '))
          : await probed(() => evidenceOfSkew(field.time, nodes, { clock, skew, before })),
      heal: once(() => heal(field, nodes, clock)),
    };
  },
};

export default clock;

/**
 * The clocks that a fault in force has made wrong. One that struck later might come to its end first, and none could say then what is
 * right.
 */
const wrong = new WeakMap<NodeClock, Set<ClockName>>();

function hold(nodes: readonly Node[], clock: ClockName): void {
  for (const node of nodes) {
    const held = wrong.get(clockOf(node)) ?? new Set();
    wrong.set(clockOf(node), held.add(clock));
  }
}

async function heal({ time }: Field, nodes: readonly Node[], clock: ClockName) {
  const stuck = await everyone(nodes, (node) => mend(node, clock));
  if (stuck.length > 0) throw new Error(`could not put right: ${stuck.join('; ')}`);
  for (const node of nodes) wrong.get(clockOf(node))?.delete(clock);
  const dead = await namesIn(nodes, 'dead');
  const alive = nodes.filter(({ name }) => !dead.has(name));
  if (alive.length === 0)
    return { outcome: 'skipped', because: `${[...dead].join(' ')} died meanwhile` } as const;
  return probed(() => evidenceOfTruth(time, alive, clock));
}

/** A monotonic clock that is ahead would have to go back to be right, which no machine's does: it goes on from where it is. */
async function mend(node: Node, clock: ClockName): Promise<void> {
  const readings = clock === 'wall' ? [] : await clockOf(node).read();
  await clockOf(node).set(clock, readings.some(({ monotonic }) => monotonic.aheadMs > 0) ? steady : right);
}

interface Drawn {
  readonly clock: ClockName;
  readonly skew: Skew;
  readonly says: string;
}

/** From what a bad time server does, to what an operator who mistook the year does; most of it small. */
function draw(variant: Variant, random: Field['random']): Drawn {
  const between = (least: number, most: number): number => least * (most / least) ** random.fraction();
  const jump = Math.round(between(50, 300_000));
  const pace = between(1.05, 10);
  const clock = variant.startsWith('monotonic') ? 'monotonic' : 'wall';
  switch (variant) {
    case 'ahead':
    case 'monotonic-ahead':
      return { clock, skew: { jumpMs: jump }, says: `jumps ${seconds(jump)} ahead` };
    case 'behind':
      return { clock, skew: { jumpMs: -jump }, says: `jumps ${seconds(jump)} back` };
    case 'fast':
    case 'monotonic-fast':
      return { clock, skew: { rate: pace }, says: `runs ${pace.toFixed(2)} times as fast` };
    case 'slow':
    case 'monotonic-slow':
      return { clock, skew: { rate: 1 / pace }, says: `runs at ${(1 / pace).toFixed(2)} of its pace` };
    case 'strobe': {
      const everyMs = Math.round(between(2, 500));
      return {
        clock,
        skew: { aheadMs: 0, strobe: { everyMs, byMs: jump } },
        says: `flickers between now and ${seconds(jump)} ahead every ${everyMs} ms`,
      };
    }
  }
}

function clockOf(node: Node): NonNullable<Node['clock']> {
  if (node.clock === undefined) throw new Error('this runtime cannot reach its clock');
  return node.clock;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
