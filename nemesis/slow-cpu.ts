import type { Evidence, Fault, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { confirmed, indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** Long enough for many periods, in each of which a group that is held back is held back. */
const LOOK_MS = 300;
/** On a machine so busy that others leave it no more than its share, it is not held back. */
const LOOKS = 4;

/**
 * Nodes that get a small share of a processor, as containers do whose quota is used up: all that they do takes ten times as long, with
 * pauses that they cannot know of. `stutter` does the same from outside, where there are no control groups.
 */
const slowCpu: Fault = {
  name: 'slow-cpu',
  about: 'gives nodes a small share of one processor, by the quota of their control group',
  proof: 'a program in the node’s group that wants a processor: what it gets, and how often it is held back',
  needs: ['group'],
  variants: targetVariants,
  async inject(field, variant): Promise<Injection> {
    const share = field.random.fork('share').pick([0.05, 0.1, 0.2]);
    const targets = await drawTargets(field, variant);
    if ('none' in targets) return nothing(targets.none);
    const { nodes } = targets;
    const before = await Promise.all(nodes.map((node) => groupOf(node).burn(LOOK_MS)));
    if (before.some(({ held }) => held > 0)) return nothing('they get no more already');
    const refused = await everyone(nodes, (node) => groupOf(node).squeeze(share));
    const names = nodes.map(({ name }) => name);
    return {
      what: `${names.join(' ')} get ${100 * share} % of a processor`,
      nodes: names,
      evidence:
        refused.length > 0 ? indeterminate(refused.join('; ')) : await probed(() => evidenceOf(nodes, share)),
      heal: once(async () => {
        const dead = await namesIn(nodes, 'dead');
        const alive = nodes.filter(({ name }) => !dead.has(name));
        if (alive.length === 0)
          return { outcome: 'skipped', because: `${[...dead].join(' ')} died meanwhile` };
        const stuck = await everyone(alive, (node) => groupOf(node).squeeze(undefined));
        if (stuck.length > 0) throw new Error(`could not lift the quota: ${stuck.join('; ')}`);
        return await probed(() => evidenceOf(alive, undefined));
      }),
    };
  },
};

export default slowCpu;

async function evidenceOf(nodes: readonly Node[], share: number | undefined): Promise<Evidence> {
  let text = '';
  for (let look = 0; look < LOOKS; look++) {
    const saw = await Promise.all(
      nodes.map(async (node) => ({ name: node.name, ...(await groupOf(node).burn(LOOK_MS)) })),
    );
    text = saw
      .map((one) => `${one.name} got ${Math.round(100 * one.share)} % of one, held back ${one.held} times`)
      .join('; ');
    // A little more: what was left of a period, and how processor time is counted.
    const fits = saw.every(({ share: got, held }) =>
      share === undefined ? held === 0 : held > 0 && got < 2 * share + 0.05,
    );
    if (fits) return confirmed(text);
  }
  return indeterminate(text);
}

function groupOf(node: Node): NonNullable<Node['group']> {
  if (node.group === undefined) throw new Error('it has no group of its own');
  return node.group;
}
