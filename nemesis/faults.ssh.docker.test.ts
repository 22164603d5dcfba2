import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../harness/provision/docker/engine.ts';
import { findGround } from '../harness/provision/docker/ground.ts';
import { sshRuntime } from '../harness/provision/ssh.ts';
import { machines, type Machines } from '../harness/provision/ssh/fixtures/machines.ts';
import { faultConformance } from './conformance/conformance.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`ssh${unless}`, () => {
  const { can } = sshRuntime({ hosts: [] });
  let ground: Machines;
  beforeAll(async () => {
    ground = await machines(engine as Engine, 3);
  });
  afterAll(() => ground?.[Symbol.asyncDispose]());

  // One by each means, in one way, and whether it happens and heals: the rest is tried in full on other runtimes.
  const byMeans = ['partition', 'kill', 'pause', 'restart', 'clock', 'out-of-files', 'slow', 'reset'];
  for (const { fault, variants = fault.variants } of withRealNodes.filter(({ fault }) =>
    byMeans.includes(fault.name),
  ))
    faultConformance(fault, () => worldOn(sshRuntime(ground.config)), {
      can,
      variants: variants.slice(0, 1),
      brief: true,
    });
});
