import register from '../../workloads/register.ts';
import sessions from '../../workloads/sessions.ts';
import set from '../../workloads/set.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './nwr.ts';

export default kitSystem({
  name: 'nwr',
  about:
    'quorums: N replicas, W that have a write, R that a read hears; reads and writes alone (--with cas=0)',
  module: new URL('./nwr.ts', import.meta.url),
  protocol,
  bugs,
  options: {
    n: { about: 'how many replicas a key has', default: '3' },
    w: { about: 'how many of them must have a write before it is confirmed', default: '2' },
    r: { about: 'how many of them a read must hear', default: '2' },
    repair: {
      about: 'whether a read brings what it found to the replicas that lag, without waiting for that',
      default: 'yes',
      choices: ['yes', 'no'],
    },
    writeback: {
      about: 'whether a read brings what it found to W replicas before it returns',
      default: 'no',
      choices: ['no', 'yes'],
    },
    versions: {
      about:
        'of writes that did not know of each other: the last wins (lww), or all are kept (vector clocks)',
      default: 'lww',
      choices: ['lww', 'vector'],
    },
    sloppy: {
      about: 'whether other nodes stand in for replicas that cannot be reached, and hand over what they got',
      default: 'no',
      choices: ['no', 'yes'],
    },
  },
  clients: [kitClient(register), kitClient(set), kitClient(sessions)],
});
