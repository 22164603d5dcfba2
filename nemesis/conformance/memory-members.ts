import type { Members } from '../../harness/fault.ts';
import type { Node } from '../../harness/runtime.ts';
import type { Seat } from '../../harness/system.ts';

/** Who is in, known to every node that runs. `loyal` ones agree to let others go, and do not. */
export function memoryMembers(nodes: readonly Node[], loyal: boolean): Members {
  let joins = 0;
  const seat = ({ name }: Node): Seat => ({ node: name, id: `${++joins}`, standing: 'voter' });
  const seats = new Map(nodes.map((node) => [node, seat(node)]));
  const answering = async (at: Node): Promise<void> => {
    if ((await at.state()) !== 'running') throw new Error(`${at.name} does not answer`);
    if (!seats.has(at)) throw new Error(`${at.name} is not in`);
  };
  return {
    learners: true,
    list: async (at) => {
      await answering(at);
      return [...seats.values()];
    },
    remove: async (node, at) => {
      await answering(at);
      if (loyal) return;
      seats.delete(node);
      await node.kill();
    },
    join: async (node, as) => {
      seats.set(node, { ...(seats.get(node) ?? seat(node)), standing: as });
      await node.start();
    },
  };
}

/** The nodes that are not in, or have no vote, as any of them says that is in. */
export async function outsiders(
  members: Members | undefined,
  nodes: readonly Node[],
): Promise<readonly string[]> {
  if (members === undefined) return [];
  for (const at of nodes) {
    const seats = await members.list(at).catch(() => undefined);
    if (seats === undefined) continue;
    const voters = seats.filter(({ standing }) => standing === 'voter').map(({ node }) => node);
    return nodes.filter(({ name }) => !voters.includes(name)).map(({ name }) => `${name} has no vote`);
  }
  return ['nobody says who is in'];
}
