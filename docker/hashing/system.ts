import hashSlots from '../../workloads/hash-slots.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './hashing.ts';

export default kitSystem({
  name: 'hashing',
  about: 'keys spread by modulo, a ring or a table of 16384 slots, and moved while they are used',
  module: new URL('./hashing.ts', import.meta.url),
  protocol,
  size: 5,
  led: true,
  roles: { keeper: 'leader', node: 'node' },
  bugs,
  options: {
    scheme: { about: 'who owns which key', default: 'slots', choices: ['slots', 'ring', 'modulo'] },
    points: { about: 'how many places on the ring a member has', default: '128' },
  },
  clients: [kitClient(hashSlots)],
});
