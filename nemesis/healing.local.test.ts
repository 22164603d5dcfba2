import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { unlessInside } from '../harness/provision/ground.ts';
import { localUpkeep } from '../harness/provision/local.ts';
import { wayIn } from '../harness/provision/namespace.ts';
import { localHere } from './conformance/here.ts';
import { machine } from './conformance/machine.ts';
import { randomBattle } from './conformance/random-battle.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { runtime, noDisks } = await localHere();
const faults = withRealNodes.map(({ fault }) => fault);
/** `BATTLES=50 FROM=100` for as many as anyone asks for, and others. */
const battles = Number(process.env['BATTLES'] ?? 3);
const first = Number(process.env['FROM'] ?? 1);

test.skipIf(!unlessInside.here)(
  `after random faults nothing is left on the machine that was not there before${unlessInside.because}`,
  async () => {
    for (let seed = first; seed < first + battles; seed++) {
      const before = machine();
      const world = await worldOn(runtime);
      const did = await randomBattle(world, faults, runtime, seed);
      // The world is seen to be there before it is seen to be gone.
      expect(machine().filter((line) => !before.includes(line)).length).toBeGreaterThan(10);
      await world[Symbol.asyncDispose]();
      const left = (): object => ({
        seed,
        did,
        more: machine().filter((line) => !before.includes(line)),
        less: before.filter((line) => !machine().includes(line)),
      });
      // What was told to end may take a moment for it.
      await expect.poll(left, { timeout: 5000 }).toEqual({ seed, did, more: [], less: [] });
    }
  },
  60_000 + 20_000 * battles,
);

const unlessDisks = unlessInside.because || (noDisks === undefined ? '' : ` (skipped: ${noDisks})`);

test.skipIf(unlessDisks !== '')(
  `a harness that is killed while clocks, links and disks are bad takes all of it with it${unlessDisks}`,
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'labrys-killed-'));
    const before = machine();
    const fixture = new URL('conformance/abandoned.ts', import.meta.url).pathname;
    const harness = spawn(
      (wayIn() as [string, ...string[]])[0],
      [...wayIn().slice(1), process.execPath, ...process.execArgv, fixture, 'local'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: scratch },
      },
    );
    const [said] = (await Promise.race([once(harness.stdout, 'data'), once(harness, 'exit')])) as [Buffer];
    expect(said.toString()).toBe('all is bad\n');
    const wall = Date.now() - performance.now();
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    await expect
      .poll(() => machine().filter((line) => !before.includes(line)), { timeout: 5000 })
      .toEqual([]);
    // What it has left are its nodes' folders, which its note leads to.
    vi.stubEnv('TMPDIR', scratch);
    const left = () => localUpkeep.leftovers();
    // Its last thread may still be closing what it had open.
    await expect.poll(async () => (await left()).map(({ inUse }) => inUse)).toEqual([false]);
    for (const one of await left()) await one.remove();
    expect(globSync('**/{disk,below,data,claim.json}', { cwd: scratch })).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(scratch, { recursive: true, force: true });
    // The machine’s own clock went on as it does.
    expect(Math.abs(Date.now() - performance.now() - wall)).toBeLessThan(1000);
  },
);
