import { faultConformance } from './conformance/conformance.ts';
import { localHere } from './conformance/here.ts';
import { worldOn } from './conformance/real-world.ts';
import { withRealNodes } from './conformance/with-real-nodes.ts';

const { runtime, noDisks } = await localHere();
for (const { fault, ...some } of withRealNodes)
  faultConformance(fault, () => worldOn(runtime), { can: runtime.can, because: noDisks, ...some });
