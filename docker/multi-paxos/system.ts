import listAppend from '../../workloads/list-append.ts';
import queue from '../../workloads/queue.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './multi-paxos.ts';

export default kitSystem({
  name: 'multi-paxos',
  about: 'Paxos for a log of slots: a leader, catch-up and snapshots',
  module: new URL('./multi-paxos.ts', import.meta.url),
  protocol,
  led: true,
  roles: { follower: 'follower', candidate: 'candidate' },
  bugs,
  clients: [kitClient(register), kitClient(set), kitClient(listAppend), kitClient(queue)],
});
