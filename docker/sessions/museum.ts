import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'sessions';
const shows = ['read your writes', 'monotonic reads'];
const kill = { workload, nemesis: 'kill', time: '30s' };

const museum: Museum<Bug> = {
  bugs: {
    'replicates-later': { ...kill, shows },
    'reads-own-copy': { ...kill, shows },
    'central-before-sync': {
      ...kill,
      options: { store: 'central' },
      quorum: 'always',
      nemesis: 'kill:all',
      shows,
    },
    'cookie-not-renewed': { workload, options: { store: 'cookie' }, time: '10s', shows },
  },
  flaws: {
    'sticky sessions': {
      ...kill,
      options: { store: 'sticky' },
      about:
        'a session dies with the node that its client sticks to, and who is sent to another finds nothing',
      shows,
    },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, options: { store: 'central' }, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, options: { store: 'cookie' }, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, options: { store: 'sticky' }, nemesis: 'partition,pause', time: '30s' },
  ],
};
export default museum;
