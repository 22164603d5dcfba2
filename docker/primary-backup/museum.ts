import { NOT_LINEARIZABLE as shows, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'register';

const museum: Museum<Bug> = {
  bugs: {
    'no-fencing': { workload, nemesis: 'partition', shows },
    'answers-before-backups': { workload, nemesis: 'kill:leader,partition:leader', shows },
    'acknowledges-early': { workload, nemesis: 'lagging-heir', quorum: 'always', shows },
    'stale-read': { workload, nemesis: 'partition:leader', shows },
    'ack-before-sync': { workload, nemesis: 'kill:all', quorum: 'always', shows },
    'promotes-anyone': { workload, nemesis: 'partition,kill', quorum: 'always', shows },
  },
  flaws: {
    'asynchronous replication': {
      workload: 'set',
      options: { replication: 'async' },
      nemesis: 'partition:leader',
      about:
        'what the primary has confirmed and no backup has is gone when a backup takes over (Gray & Reuter 1993, §12.6: 1-safe)',
      shows: ['lost'],
    },
    'leases under wrong clocks': {
      workload,
      options: { reads: 'lease' },
      nemesis: 'slow-leader',
      with: { read: '9', cas: '0', write: '1' },
      about:
        'a primary whose clock runs slow believes in its lease when it is over, and reads what another has overwritten (Gray & Cheriton 1989, §5)',
      shows,
    },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, nemesis: 'partition,kill,pause,clock', time: '30s', nodes: 5 },
    { workload, nemesis: 'partition,kill,pause', time: '30s', options: { reads: 'lease' } },
    { workload: 'set', nemesis: 'partition,kill,pause', time: '30s' },
    { workload, nemesis: 'slow-leader,lagging-heir', time: '30s' },
  ],
};
export default museum;
