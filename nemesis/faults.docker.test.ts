import { describe } from 'vitest';
import { findGround } from '../harness/provision/docker/ground.ts';
import { faultConformance } from './conformance/conformance.ts';
import { bareNode } from './conformance/bare-image.ts';
import { dockerHere } from './conformance/here.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { engine, unless } = await findGround();
const { runtime, noDisks } = await dockerHere(engine);
const bare = await bareNode();

describe.skipIf(!engine)(`docker${unless}`, () => {
  for (const { fault, ...some } of withRealNodes)
    faultConformance(fault, () => worldOn(runtime, bare), {
      can: runtime.can,
      because: noDisks,
      ...some,
    });
});
