import { NOT_LINEARIZABLE as shows, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'register';
const nemesis = 'partition,kill,pause';

const museum: Museum<Bug> = {
  bugs: {
    'stale-read': { workload, nemesis: 'partition:leader', shows },
    'vote-not-persisted': { workload, nemesis: 'partition,kill:leader', nodes: 5, shows },
    'ack-before-commit': { workload, nemesis: 'partition:leader', shows },
    'no-truncate': { workload, nemesis: 'partition:leader', shows },
    'ack-before-sync': { workload, nemesis: 'kill:all', quorum: 'always', shows },
    'snapshot-loses-tail': { workload, nemesis, shows },
    'counts-sent': { workload, options: { pipeline: '8' }, nemesis: 'flaky', shows },
    'heir-without-vote': { workload, options: { handover: '1000' }, shows },
  },
  clean: [
    { workload, nemesis },
    { workload: 'set', nemesis },
    { workload: 'queue', nemesis },
    { workload: 'lock', nemesis },
    { workload, nemesis, options: { pipeline: '8', handover: '1500' } },
    { workload, nemesis, nodes: 5 },
  ],
};
export default museum;
