import type { Node } from '../../harness/runtime.ts';

/** Far more than a node of these tests needs, and far less than any machine allows. */
const plenty = { files: 100, memory: 1e9 } as const;

/** The nodes that may not have what any process usually may. */
export async function wanting(nodes: readonly Node[]): Promise<string[]> {
  const found = nodes.flatMap((node) =>
    (['files', 'memory'] as const).map(async (what) => {
      const short = ((await node.limits?.read(what)) ?? []).filter(
        ({ may, has }) => may - has < plenty[what],
      );
      return short.map(({ process }) => `${node.name}’s ${process} is short of ${what}`);
    }),
  );
  return (await Promise.all(found)).flat();
}
