import { afterAll, beforeAll, describe } from 'vitest';
import { runtimeConformance } from './conformance.ts';
import type { Engine } from './docker/engine.ts';
import { findGround } from './docker/ground.ts';
import { sshRuntime } from './ssh.ts';
import { inventory } from './ssh/fixtures/inventory.ts';
import { machines, type Machines } from './ssh/fixtures/machines.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`ssh${unless}`, () => {
  let ground: Machines;
  beforeAll(async () => {
    ground = await machines(engine as Engine, 6);
  });
  afterAll(() => ground?.[Symbol.asyncDispose]());

  runtimeConformance(
    'ssh',
    () => {
      const runtime = sshRuntime({ hosts: [] });
      return { ...runtime, provision: (...asked) => sshRuntime(ground.config).provision(...asked) };
    },
    { inventory: () => inventory(ground) },
  );
});
