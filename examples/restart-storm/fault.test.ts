import { faultConformance } from '../../nemesis/conformance/conformance.ts';
import { memoryWorld } from '../../nemesis/conformance/memory-world.ts';
import restartStorm from './fault.ts';

faultConformance(restartStorm, async () => memoryWorld(5), { can: new Set(['kill', 'pause', 'cut']) });
