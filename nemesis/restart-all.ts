import type { Evidence, Field } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { evidenceOfState, indeterminate, namesIn } from './evidence.ts';
import { everyone } from './everyone.ts';

/** All at once: where a majority is down, none of them may become ready before the others are up. */
export async function restartAll(field: Field, nodes: readonly Node[]): Promise<Evidence> {
  const late = await everyone(nodes, (node) => field.restart(node));
  const dead = await namesIn(nodes, 'dead');
  if (dead.size > 0) throw new Error(`could not start again: ${late.join('; ') || [...dead].join(' ')}`);
  return late.length > 0
    ? indeterminate(`runs again, but is not ready: ${late.join('; ')}`)
    : evidenceOfState(field.time, nodes, 'running');
}
