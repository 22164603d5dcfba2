import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Leftover } from '../harness/runtime.ts';
import { dockerUpkeep } from '../harness/provision/docker.ts';
import { findGround } from '../harness/provision/docker/ground.ts';
import { bareNode } from './conformance/bare-image.ts';
import { dockerHere } from './conformance/here.ts';
import { randomBattle } from './conformance/random-battle.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();
const { runtime, noDisks } = await dockerHere(engine);
const bare = await bareNode();
const faults = withRealNodes.map(({ fault }) => fault);
/** `BATTLES=50 FROM=100` for as many as anyone asks for, and others. */
const battles = Number(process.env['BATTLES'] ?? 1);
const first = Number(process.env['FROM'] ?? 1);

describe.skipIf(!engine)(`docker${unless}`, () => {
  test(
    'after random faults the engine has no container, network or rule of theirs any more',
    async () => {
      for (let seed = first; seed < first + battles; seed++) {
        const world = await worldOn(runtime, bare);
        const did = await randomBattle(world, faults, runtime, seed);
        expect((await ours()).length).toBeGreaterThan(3);
        await world[Symbol.asyncDispose]();
        expect({ seed, did, left: await ours() }).toEqual({ seed, did, left: [] });
      }
    },
    60_000 + 40_000 * battles,
  );

  test('a harness that is killed while all is bad leaves containers, which `labrys clean` removes, and nothing of its faults', async () => {
    const fixture = new URL('conformance/abandoned.ts', import.meta.url).pathname;
    const volume = noDisks === undefined ? ['volume'] : [];
    const harness = spawn(process.execPath, [...process.execArgv, fixture, 'docker'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const run = `faults-${harness.pid}-1`;
    const [said] = (await Promise.race([once(harness.stdout, 'data'), once(harness, 'exit')])) as [Buffer];
    expect(said.toString()).toBe('all is bad\n');
    const left = async (): Promise<readonly Leftover[]> =>
      (await dockerUpkeep.leftovers()).filter((one) => one.run === run);
    const names = async (): Promise<string[]> =>
      (await left()).map(({ what }) => what.split(' ', 1)[0] ?? '');
    expect(await names()).toEqual([...Array<string>(4).fill('container'), 'packet', 'network', ...volume]);
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    // The agent goes, and with it cuts, shapers and mounts: where the engine is here, they can be seen to.
    await expect
      .poll(names, { timeout: 15_000 })
      .toEqual([...Array<string>(3).fill('container'), 'network', ...volume]);
    await expect.poll(() => traces(run), { timeout: 15_000 }).toEqual([]);
    for (const one of await left()) await one.remove();
    expect(await left()).toEqual([]);
  });

  test('where its agent was killed too, `labrys clean` removes cuts and mounts as well', async () => {
    const world = await worldOn(runtime, bare);
    const run = (await ours())[0]?.match(/labrys-(\S+)-(?:n\d|agent)$/)?.[1] ?? 'none';
    await world.cluster.network.setCuts([{ from: 'n1', to: 'n2' }]);
    await engine?.docker.getContainer(`labrys-${run}-agent`).kill();
    for (const one of await dockerUpkeep.leftovers()) if (one.run === run) await one.remove();
    expect(await ours()).toEqual([]);
    expect(traces(run)).toEqual([]);
    await world[Symbol.asyncDispose]();
  });

  const ours = async (): Promise<string[]> =>
    (await dockerUpkeep.leftovers())
      .filter(({ run }) => run.startsWith(`faults-${process.pid}-`))
      .map(({ what }) => what);
});

/** Mounts of a run's disks, on a machine that is the engine's as well. */
function traces(run: string): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return mounts.filter((line) => line.includes(`labrys-${run}/`));
}
