import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'atomic-commit';
const split = ['split decision', 'reversed decision'];

const museum: Museum<Bug> = {
  bugs: {
    'vote-before-sync': { workload, nemesis: 'kill', shows: [...split, 'lost effect', 'in doubt for ever'] },
    'commit-before-sync': { workload, nemesis: 'kill:leader', shows: split },
    'impatient-participant': { workload, nemesis: 'pause:leader', shows: split },
    'silence-is-consent': { workload, nemesis: 'partition', time: '20s', shows: [...split, 'lost effect'] },
    'no-undo': { workload, nemesis: 'kill', time: '30s', shows: ['effect of an aborted transaction'] },
    'forgets-early': { workload, nemesis: 'kill', time: '30s', shows: split },
    'majority-commits': { workload, time: '10s', shows: ['commit against a no vote', ...split] },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, nemesis: 'partition,kill,pause', time: '30s', nodes: 5 },
  ],
};
export default museum;
