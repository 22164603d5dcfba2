import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NotApplied } from '../../../harness/client.ts';
import type { Settings } from '../../../harness/system.ts';
import system from './system.ts';

const settings: Settings = { options: {}, bug: undefined, runtime: 'sim' };
const { signal } = new AbortController();

test('the example runs in the simulation: its backups send clients to the primary, and nothing is done while one is away', async () => {
  const sim = there(system.simulation?.(1, settings));
  const { runtime, time } = sim;
  const seen = await sim.run(async () => {
    const { nodes } = await runtime.provision(
      {
        run: 'example',
        folder: '',
        nodes: ['n1', 'n2', 'n3'],
        ports: system.ports,
        recipe: () => expect.unreachable(),
        log: () => {},
      },
      signal,
    );
    await system.setup?.(nodes, { settings, time, signal });
    const backup = there(nodes[2]);

    const client = await there(system.clients[0]).open({ node: backup, nodes, process: 0, settings, time });
    const ask = (f: string, value?: unknown): Promise<unknown> =>
      there(client[f])({ key: 'x', value, process: 0, signal });
    await ask('write', 1);
    const answers = [await ask('cas', [1, 2]), await ask('cas', [1, 3]), await ask('read')];
    await nodes[1]?.kill();
    const unknown = await ask('write', 4).catch((error: unknown) => error);
    await nodes[0]?.kill();
    const refused = await ask('write', 5).catch((error: unknown) => error);
    await nodes[0]?.start();
    await nodes[1]?.start();
    return { answers, unknown, refused, after: await ask('read') };
  });
  expect(seen.answers).toEqual([true, false, 2]);
  expect(seen.unknown).not.toBeInstanceOf(NotApplied);
  expect(seen.refused).toBeInstanceOf(NotApplied);
  expect(seen.after).toBe(4);
});

test.each(['primary-backup.ts', 'system.ts'])('the guide shows %s as it is', (file) => {
  const guide = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(guide).toContain(readFileSync(new URL(file, import.meta.url), 'utf8'));
});

function there<T>(it: T | undefined): T {
  if (it === undefined) throw new Error('it is not there');
  return it;
}
