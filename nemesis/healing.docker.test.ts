import { describe, expect, test } from 'vitest';
import { dockerRuntime, dockerUpkeep } from '../harness/provision/docker.ts';
import { findGround } from '../harness/provision/docker/ground.ts';
import { randomBattle } from './conformance/random-battle.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();
const faults = withRealNodes.map(({ fault }) => fault);
/** `BATTLES=50 FROM=100` for as many as anyone asks for, and others. */
const battles = Number(process.env['BATTLES'] ?? 1);
const first = Number(process.env['FROM'] ?? 1);

describe.skipIf(!engine)(`docker${unless}`, () => {
  test(
    'after random faults the engine has no container, network or rule of theirs any more',
    async () => {
      const runtime = dockerRuntime();
      for (let seed = first; seed < first + battles; seed++) {
        const world = await worldOn(runtime, { image: 'debian:bookworm-slim' });
        const did = await randomBattle(world, faults, runtime, seed);
        expect((await ours()).length).toBeGreaterThan(3);
        await world[Symbol.asyncDispose]();
        expect({ seed, did, left: await ours() }).toEqual({ seed, did, left: [] });
      }
    },
    60_000 + 40_000 * battles,
  );

  const ours = async (): Promise<string[]> =>
    (await dockerUpkeep.leftovers())
      .filter(({ run }) => run.startsWith(`faults-${process.pid}-`))
      .map(({ what }) => what);
});
