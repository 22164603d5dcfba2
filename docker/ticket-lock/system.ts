import lock from '../../workloads/lock.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './ticket-lock.ts';

export default kitSystem({
  name: 'ticket-lock',
  about: 'locks by numbered tickets, which expire unless told otherwise, with and without fencing',
  module: new URL('./ticket-lock.ts', import.meta.url),
  protocol,
  led: true,
  roles: { office: 'leader', guard: 'guard', gate: 'gate' },
  bugs,
  options: {
    lease: { about: 'after how many milliseconds a ticket expires; 0: never', default: '1000' },
    fencing: {
      about: 'whether what is protected turns away tickets older than one it has seen',
      default: 'yes',
      choices: ['yes', 'no'],
    },
  },
  clients: [kitClient(lock)],
});
