import type { Fault, Field, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { evidenceOfState, indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { drawTargets, targetVariants } from './targets.ts';

/**
 * `kill -9`, and a restart with the data that was there. What a node had not yet handed to the operating system is lost;
 * what it had, survives, whether or not it asked for that: alone, this does not test durability.
 */
const kill: Fault = {
  name: 'kill',
  about: 'kills nodes with kill -9, and starts them again with their data',
  needs: ['kill'],
  variants: targetVariants,
  async inject(field, variant): Promise<Injection> {
    const targets = await drawTargets(field, variant);
    if ('none' in targets) return nothing(targets.none);
    const { nodes } = targets;
    const refused = await everyone(nodes, (node) => node.kill());
    return {
      what: nodes.map(({ name }) => name).join(' '),
      nodes: nodes.map(({ name }) => name),
      evidence:
        refused.length > 0
          ? indeterminate(refused.join('; '))
          : await probed(() => evidenceOfState(field.time, nodes, 'dead')),
      heal: once(() => restart(field, nodes)),
    };
  },
};

export default kill;

/** All at once: where a majority is down, none of them may become ready before the others are up. */
async function restart(field: Field, nodes: readonly Node[]) {
  const late = await everyone(nodes, (node) => field.restart(node));
  const dead = await namesIn(nodes, 'dead');
  if (dead.size > 0) throw new Error(`could not start again: ${late.join('; ') || [...dead].join(' ')}`);
  return late.length > 0
    ? indeterminate(`runs again, but is not ready: ${late.join('; ')}`)
    : evidenceOfState(field.time, nodes, 'running');
}
