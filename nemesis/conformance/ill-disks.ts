import type { Node } from '../../harness/runtime.ts';

/** Some fail only now and then. */
const tries = 10;

/** The nodes on whose disks something fails, or takes long. */
export async function illDisks(nodes: readonly Node[]): Promise<string[]> {
  const looks = nodes.flatMap(({ name, disk }) =>
    (['read', 'write', 'sync'] as const).map(async (operation) => {
      for (let i = 0; i < tries; i++) {
        const saw = await disk?.try(operation);
        if (saw?.error !== undefined || (saw?.ms ?? 0) > 15) return [`${name} cannot ${operation} as usual`];
      }
      return [];
    }),
  );
  const files = nodes.map(async ({ name, disk }) =>
    ((await disk?.damaged()) ?? []).map(({ path }) => `${name} has a damaged ${path}`),
  );
  return (await Promise.all([...looks, ...files])).flat();
}
