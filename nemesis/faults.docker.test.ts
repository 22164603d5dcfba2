import { describe } from 'vitest';
import { findGround } from '../harness/provision/docker/ground.ts';
import { faultConformance } from './conformance/conformance.ts';
import { dockerHere } from './conformance/here.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();
const { runtime, noDisks } = await dockerHere(engine);

describe.skipIf(!engine)(`docker${unless}`, () => {
  for (const { fault, ...some } of withRealNodes)
    faultConformance(fault, () => worldOn(runtime, { image: 'debian:bookworm-slim' }), {
      can: runtime.can,
      because: noDisks,
      ...some,
    });
});
