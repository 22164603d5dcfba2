import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'membership';
const missing = ['missing member'];
const undetected = ['undetected failure'];

const museum: Museum<Bug> = {
  bugs: {
    'no-refutation': { workload, nemesis: 'partition', time: '20s', shows: missing },
    'dead-for-ever': { workload, time: '20s', shows: missing },
    'resets-suspicion': { workload, time: '20s', shows: undetected },
    'hasty-proxy': { workload, time: '20s', shows: undetected },
    'forgets-to-ask-again': { workload, time: '20s', shows: undetected },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '20s' },
    { workload, nemesis: 'partition,kill,pause', time: '20s', nodes: 9 },
  ],
};
export default museum;
