import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realTime } from '../../harness/time-real.ts';
import type { Recipe, Runtime } from '../../harness/runtime.ts';
import type { FaultWorld } from './conformance.ts';

let worlds = 0;

/** Three nodes of a runtime that do nothing but live: enough for a fault to strike and a probe to see. */
export async function worldOn(
  runtime: Runtime,
  recipe: Recipe = { command: ['sleep', '100000'] },
): Promise<FaultWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-fault-'));
  const cluster = await runtime.provision(
    {
      run: `faults-${process.pid}-${++worlds}`,
      folder,
      nodes: ['n1', 'n2', 'n3'],
      failingDisks: runtime.can.has('disk'),
      ports: { service: 7200 },
      recipe: () => ({ ...recipe, files: { 'logs/first': 'x'.repeat(5000) } }),
      log: () => {},
    },
    new AbortController().signal,
  );
  return {
    cluster,
    time: realTime(),
    leaders: async () => [{ node: 'n2', term: 1 }],
    restart: (node) => node.start(),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
