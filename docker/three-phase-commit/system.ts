import atomicCommitment from '../../workloads/atomic-commit.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './three-phase-commit.ts';

export default kitSystem({
  name: 'three-phase-commit',
  about: 'three-phase commit: does not block when nodes die, and decides both ways when the network splits',
  module: new URL('./three-phase-commit.ts', import.meta.url),
  protocol,
  bugs,
  clients: [kitClient(atomicCommitment)],
});
