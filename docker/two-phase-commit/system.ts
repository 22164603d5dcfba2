import atomicCommitment from '../../workloads/atomic-commit.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './two-phase-commit.ts';

export default kitSystem({
  name: 'two-phase-commit',
  about: 'two-phase commit with presumed abort: a coordinator, and participants that may be left in doubt',
  module: new URL('./two-phase-commit.ts', import.meta.url),
  protocol,
  led: true,
  roles: { coordinator: 'leader', participant: 'participant' },
  bugs,
  clients: [kitClient(atomicCommitment)],
});
