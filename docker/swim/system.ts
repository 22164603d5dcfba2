import membership from '../../workloads/membership.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './swim.ts';

export default kitSystem({
  name: 'swim',
  about: 'SWIM: who is there, by random pings, suspicion and piggybacked rumours, over datagrams',
  module: new URL('./swim.ts', import.meta.url),
  protocol,
  size: 5,
  bugs,
  clients: [kitClient(membership)],
});
