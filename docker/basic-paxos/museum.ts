import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'consensus';
const shows = ['disagreement', 'decided twice'];

const museum: Museum<Bug> = {
  bugs: {
    'breaks-promise': { workload, time: '10s', shows },
    'own-value': { workload, time: '10s', shows },
    'minority-quorum': { workload, time: '10s', shows },
    'answer-before-sync': { workload, nemesis: 'kill', time: '30s', shows },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, nemesis: 'partition,kill,pause', time: '30s', nodes: 5 },
    { workload, nemesis: 'partition,kill,pause', time: '30s', options: { backoff: 'none' } },
  ],
};
export default museum;
