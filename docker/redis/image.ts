import type { Recipe } from '../../harness/index.ts';

const base = 'debian:bookworm-slim';

/** For whatever is made of Redis servers. Sentinel is the same program. */
export const image = {
  image: 'labrys-redis:bookworm',
  build: { context: import.meta.dirname, args: { BASE: base }, bases: [base] },
} satisfies Partial<Recipe>;
