import { defineConfig } from 'vitest/config';

/** By what a test needs: nothing; namespaces around it; a whole command line; a Docker engine; a browser. See `test/run.ts`. */
const needs = {
  local: ['**/{local,*.local}.test.ts'],
  e2e: ['**/*.e2e.test.ts'],
  docker: ['**/{docker,*.docker}.test.ts'],
  browser: ['**/*.browser.test.ts'],
};
const never = ['**/node_modules/**', '**/dist/**', 'results/**'];
const resolve = { conditions: ['@labrys/source', 'node', 'module', 'import', 'default'] };
const shared = { resolve, ssr: { resolve } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          setupFiles: ['test/property-seed.ts'],
          include: ['**/*.test.ts'],
          exclude: [...never, ...Object.values(needs).flat()],
          testTimeout: 30_000,
        },
      },
      // Real nodes on two cores: one file at a time, and time enough.
      ...Object.entries(needs).map(([name, include]) => ({
        ...shared,
        test: {
          name,
          setupFiles: ['test/property-seed.ts'],
          include,
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      })),
    ],
  },
});
