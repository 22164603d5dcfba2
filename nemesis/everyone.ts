import type { Node } from '../harness/runtime.ts';
import { messageOf } from './evidence.ts';

/** Does it to every node, whatever becomes of the others, and says what went wrong. */
export async function everyone(
  nodes: readonly Node[],
  act: (node: Node) => Promise<void>,
): Promise<readonly string[]> {
  const results = await Promise.allSettled(nodes.map(act));
  return results.flatMap((result, i) =>
    result.status === 'rejected' ? [`${nodes[i]?.name}: ${messageOf(result.reason)}`] : [],
  );
}
