import { kitClient, kitSystem } from '../kit/system.ts';
import lock from '../../workloads/lock.ts';
import listAppend from '../../workloads/list-append.ts';
import queue from '../../workloads/queue.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import { bugs } from './bugs.ts';
import protocol from './raft.ts';

export default kitSystem({
  name: 'raft',
  about: 'our own Raft on the kit, correct, or with one of its seeded bugs',
  module: new URL('./raft.ts', import.meta.url),
  protocol,
  led: true,
  roles: { follower: 'follower', candidate: 'candidate' },
  bugs,
  options: {
    pipeline: { about: 'how many messages to one follower may be under way', default: '1' },
    handover: {
      about: 'after how many milliseconds a leader hands its lead over to another; 0: never',
      default: '0',
    },
  },
  clients: [kitClient(register), kitClient(set), kitClient(listAppend), kitClient(queue), kitClient(lock)],
});
