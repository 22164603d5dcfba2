import { describe } from 'vitest';
import { dockerRuntime } from '../harness/provision/docker.ts';
import { findGround } from '../harness/provision/docker/ground.ts';
import { faultConformance } from './conformance/conformance.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`docker${unless}`, () => {
  const runtime = dockerRuntime();
  for (const { fault, ...some } of withRealNodes)
    faultConformance(fault, () => worldOn(runtime, { image: 'debian:bookworm-slim' }), {
      can: runtime.can,
      ...some,
    });
});
