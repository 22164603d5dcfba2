import type { Context, Leader, Node } from '../../harness/index.ts';
import { askOnce, type Reply } from './connection.ts';

/** Every node whose server takes itself for a primary. Of one that does not answer nothing is known. */
export async function primariesAmong(nodes: readonly Node[], context: Context): Promise<readonly Leader[]> {
  const roles = await Promise.all(
    nodes.map((node) => askOnce(node, 'redis', ['ROLE'], context).catch(() => [])),
  );
  return nodes.flatMap(({ name }, i): Leader[] =>
    (roles[i] as readonly Reply[])[0] === 'master' ? [{ node: name }] : [],
  );
}
