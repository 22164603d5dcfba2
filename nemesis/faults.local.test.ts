import { localRuntime } from '../harness/provision/local.ts';
import { faultConformance } from './conformance/conformance.ts';
import { worldOn } from './conformance/real-world.ts';
import clock from './clock.ts';
import kill from './kill.ts';
import partition from './partition.ts';
import pause from './pause.ts';

const runtime = localRuntime();
for (const fault of [partition, kill, pause, clock])
  faultConformance(fault, () => worldOn(runtime), { can: runtime.can });
