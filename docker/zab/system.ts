import listAppend from '../../workloads/list-append.ts';
import queue from '../../workloads/queue.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './zab.ts';

export default kitSystem({
  name: 'zab',
  about:
    'ZooKeeper’s atomic broadcast: a primary, epochs, and reads of whatever is here; sequential (--with level=sequential), unless they sync',
  module: new URL('./zab.ts', import.meta.url),
  protocol,
  led: true,
  bugs,
  options: {
    reads: {
      about: 'whether a read takes what is here, or first syncs: waits for all that was done before it',
      default: 'local',
      choices: ['local', 'sync'],
    },
  },
  clients: [kitClient(register), kitClient(set), kitClient(listAppend), kitClient(queue)],
});
