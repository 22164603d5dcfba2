import { faultConformance } from '../../nemesis/conformance/conformance.ts';
import { memoryWorld } from '../../nemesis/conformance/memory-world.ts';
import leaderChase from './scenario.ts';

faultConformance(leaderChase, async () => memoryWorld(5), { can: new Set(['kill', 'pause', 'cut']) });
