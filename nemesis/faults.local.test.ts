import { localRuntime } from '../harness/provision/local.ts';
import { faultConformance } from './conformance/conformance.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const runtime = localRuntime();
for (const { fault, ...some } of withRealNodes)
  faultConformance(fault, () => worldOn(runtime), { can: runtime.can, ...some });
