import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../harness/provision/docker/engine.ts';
import { findGround } from '../harness/provision/docker/ground.ts';
import { sshRuntime } from '../harness/provision/ssh.ts';
import { inventory } from '../harness/provision/ssh/fixtures/inventory.ts';
import { machines, type Machines } from '../harness/provision/ssh/fixtures/machines.ts';
import { randomBattle } from './conformance/random-battle.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();
const faults = withRealNodes.map(({ fault }) => fault);
/** `BATTLES=50 FROM=100` for as many as anyone asks for, and others. */
const battles = Number(process.env['BATTLES'] ?? 1);
const first = Number(process.env['FROM'] ?? 1);

describe.skipIf(!engine)(`ssh${unless}`, () => {
  let ground: Machines;
  beforeAll(async () => {
    ground = await machines(engine as Engine, 3);
  });
  afterAll(() => ground?.[Symbol.asyncDispose]());

  test(
    'after random faults the machines have no process, rule, mount or file that they had not before',
    async () => {
      const runtime = sshRuntime(ground.config);
      for (let seed = first; seed < first + battles; seed++) {
        const before = await inventory(ground);
        const world = await worldOn(runtime);
        const did = await randomBattle(world, faults, runtime, seed);
        expect((await inventory(ground)).length).toBeGreaterThan(before.length);
        await world[Symbol.asyncDispose]();
        expect({ seed, did, left: await inventory(ground) }).toEqual({ seed, did, left: before });
      }
    },
    60_000 + 40_000 * battles,
  );
});
