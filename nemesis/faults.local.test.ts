import { faultConformance } from './conformance/conformance.ts';
import { localHere, noDisks } from './conformance/local-here.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const runtime = localHere();
for (const { fault, ...some } of withRealNodes)
  faultConformance(fault, () => worldOn(runtime), { can: runtime.can, because: noDisks, ...some });
