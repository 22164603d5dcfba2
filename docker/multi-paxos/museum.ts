import { NOT_LINEARIZABLE as shows, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'register';
const nemesis = 'partition,kill,pause';

const museum: Museum<Bug> = {
  bugs: {
    'ignores-accepted': { workload, nemesis: 'lagging-heir,kill:leader', shows },
    'minority-quorum': { workload, nemesis: 'partition:leader', shows },
    'snapshot-too-new': {
      workload: 'list-append',
      nemesis: 'partition:leader,kill:leader',
      shows: ['duplicate elements', 'incompatible order'],
    },
    'stale-read': { workload, nemesis: 'partition:leader', shows },
    'ack-before-sync': { workload, nemesis: 'kill:all', quorum: 'always', shows },
  },
  clean: [
    { workload, nemesis, time: '30s' },
    { workload, nemesis, time: '30s', nodes: 5 },
    { workload: 'list-append', nemesis, time: '30s' },
    { workload: 'queue', nemesis, time: '30s' },
  ],
};
export default museum;
