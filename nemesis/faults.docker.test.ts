import { describe } from 'vitest';
import { dockerRuntime } from '../harness/provision/docker.ts';
import { findGround } from '../harness/provision/docker/ground.ts';
import { faultConformance } from './conformance/conformance.ts';
import { worldOn } from './conformance/real-world.ts';
import clock from './clock.ts';
import kill from './kill.ts';
import partition from './partition.ts';
import pause from './pause.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`docker${unless}`, () => {
  const runtime = dockerRuntime();
  for (const fault of [partition, kill, pause, clock])
    faultConformance(fault, () => worldOn(runtime, { image: 'debian:bookworm-slim' }), { can: runtime.can });
});
