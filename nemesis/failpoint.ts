import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { confirmed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets } from './targets.ts';

/** A node that does anything at all comes to its failpoints in far less. */
const reachedMs = 3000;
const lookMs = 10;

/**
 * A node that dies at one particular place in its own code: between the append and the sync, between the sync and the answer. `kill` comes
 * there once in a thousand times, and the mistakes that wait there are found as seldom.
 */
const failpoint: Fault = {
  name: 'failpoint',
  about: 'has a node die at a chosen place in its own code, and starts it again',
  proof: 'the operating system says that its processes are gone, which nobody killed',
  needs: ['write', 'kill'],
  asks: ['failpoints'],
  variants: [],
  variantsOf: ({ failpoints }) => Object.keys(failpoints?.names ?? {}),
  async inject(field, variant): Promise<Injection> {
    const { arm, random } = field;
    if (arm === undefined) return nothing('this system has no failpoints');
    const targets = await drawTargets(field, random.fork('whom').pick(['one', 'leader']));
    if ('none' in targets) return nothing(targets.none);
    const node = targets.nodes[0] as Node; // Both wish for one.
    await arm(node, variant);
    let reached = await died(field, node, reachedMs);
    if (!reached) {
      await arm(node, '');
      // It may have come there just before that.
      reached = await died(field, node, 200);
    }
    if (!reached) return nothing(`${node.name} did not come to ${variant} in ${reachedMs / 1000} s`);
    return {
      what: `${node.name} at ${variant}`,
      nodes: [node.name],
      evidence: evidenceOfDeath(node, variant),
      heal: once(() => restartAll(field, [node])),
    };
  },
};

export default failpoint;

async function died({ time }: Pick<Field, 'time'>, node: Node, ms: number): Promise<boolean> {
  for (const end = time.now() + ms * 1e6; time.now() < end; await time.sleep(lookMs))
    if ((await node.state()) === 'dead') return true;
  return false;
}

function evidenceOfDeath(node: Node, variant: string): Evidence {
  const said = node.lastLines(5).find((line) => line.includes(variant));
  return confirmed(
    `the operating system says dead: ${node.name}${said ? `, which said “${said.slice(0, 80)}”` : ''}`,
  );
}
