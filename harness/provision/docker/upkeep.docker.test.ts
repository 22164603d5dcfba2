import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { Leftover } from '../../runtime.ts';
import { whyNoDisks } from './disks.ts';
import type { Engine } from './engine.ts';
import { findGround } from './ground.ts';
import { whyNoGroups } from './powers.ts';
import { whyNoShaper } from './shaper.ts';
import { dockerUpkeep } from './upkeep.ts';

const { engine, unless } = await findGround();
const fixture = fileURLToPath(new URL('fixtures/abandoned-run.ts', import.meta.url));

describe.skipIf(!engine)(`what a harness leaves on an engine${unless}`, () => {
  let runs = 0;
  let run: string;
  let harness: ChildProcess;

  afterEach(async () => {
    harness.kill('SIGKILL');
    for (const each of await mine()) await each.remove();
    rmSync(join(tmpdir(), run), { recursive: true, force: true });
  });

  test('a run is in use as long as its harness lives, and left over once it was killed', async () => {
    await cutAndWait();
    expect(names(await mine())).toEqual([
      `container labrys-${run}-agent`,
      `container labrys-${run}-n1`,
      `container labrys-${run}-n2`,
      `network labrys-${run}`,
      `packet filter table labrys-${run}`,
    ]);
    expect((await mine()).every(({ inUse }) => inUse)).toBe(true);
    await kill();
    // The agent notices that nobody holds it, deletes the cut and goes.
    await until(async () => names(await mine()).length === 3);
    const left = await mine();
    expect(names(left)).toEqual([
      `container labrys-${run}-n1`,
      `container labrys-${run}-n2`,
      `network labrys-${run}`,
    ]);
    expect(left.some(({ inUse }) => inUse)).toBe(false);
    for (const each of left) await each.remove();
    expect(await mine()).toEqual([]);
  });

  test('a cut whose agent was killed as well is found, and removed', async () => {
    await cutAndWait();
    await (engine as Engine).docker.getContainer(`labrys-${run}-agent`).kill();
    await kill();
    await until(async () => !names(await mine()).includes(`container labrys-${run}-agent`));
    const left = await mine();
    expect(names(left)).toContain(`packet filter table labrys-${run}`);
    expect(left.some(({ inUse }) => inUse)).toBe(false);
    for (const each of left) await each.remove();
    expect(await mine()).toEqual([]);
  });

  test('removing what is gone already is no error', async () => {
    await cutAndWait();
    await kill();
    await until(async () => names(await mine()).length === 3);
    const left = await mine();
    for (const each of [...left, ...left]) await each.remove();
    expect(await mine()).toEqual([]);
  });

  test('the engine and its cuts are tried, and said to work', async () => {
    run = 'none';
    const said = await dockerUpkeep.diagnose();
    expect(said.map(({ what, works }) => ({ what, works }))).toEqual([
      { what: 'docker engine', works: true },
      { what: 'cuts between containers', works: true },
      { what: 'shaping links between containers', works: true },
      // FUSE is not on every machine.
      { what: 'disks that fail', works: (await whyNoDisks(engine as Engine)) === undefined },
      { what: 'limits of processes', works: true },
      { what: 'control groups', works: true },
    ]);
  });

  test('where an engine withholds a power from the agent, it is said which, and for what', async () => {
    run = 'none';
    const less = { CapAdd: ['NET_ADMIN', 'DAC_OVERRIDE', 'SETUID', 'SETGID'] };
    const some = engine as Engine;
    expect(await whyNoGroups(some, less)).toMatch(/Operation not permitted. The agent needs SYS_ADMIN/);
    expect(await whyNoDisks(some, less)).toMatch(
      /no disk that can fail for scratch: .*(fuse|mount|permitted)/i,
    );
    expect(await whyNoShaper(some, less)).toMatch(/not permitted/);
  });

  async function cutAndWait(): Promise<void> {
    run = `abandoned-${process.pid}-${++runs}`;
    harness = spawn(process.execPath, [fixture, run], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await Promise.race([
      once(harness.stdout as NodeJS.ReadableStream, 'data').then(([text]) => String(text)),
      once(harness, 'exit').then(([code]) => `exited with ${code}`),
    ]);
    expect(said).toBe('cut\n');
  }

  async function kill(): Promise<void> {
    harness.kill('SIGKILL');
    await once(harness, 'exit');
  }

  async function mine(): Promise<readonly Leftover[]> {
    return (await dockerUpkeep.leftovers()).filter((one) => one.run === run);
  }
});

function names(left: readonly Leftover[]): string[] {
  return left.map(({ what }) => what).toSorted();
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited in vain');
}
