import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'atomic-commit';
const shows = ['split decision', 'reversed decision'];

const museum: Museum<Bug> = {
  bugs: {
    'timeouts-alone': { workload, nemesis: 'kill:one', time: '30s', shows },
    'commits-with-the-votes': { workload, nemesis: 'kill:majority', shows },
    'own-state-decides': { workload, nemesis: 'kill:one', time: '30s', shows },
    'recovers-alone': { workload, nemesis: 'kill:one', time: '30s', shows },
  },
  flaws: {
    partition: {
      workload,
      nemesis: 'partition:one',
      about:
        'a silent node is taken for a dead one: after a preCommit that reached one side of a partition, that side commits, and the other aborts (Skeen 1981 assumes that the network does not split)',
      shows,
    },
  },
  clean: [
    { workload, nemesis: 'kill', time: '30s' },
    { workload, nemesis: 'kill', time: '30s', nodes: 5 },
  ],
};
export default museum;
