import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'broadcast';
const shows = ['diverged', 'lost'];

const museum: Museum<Bug> = {
  bugs: {
    'restarts-numbers': { workload, nemesis: 'kill', time: '20s', shows },
    'digest-of-highest': { workload, nemesis: 'partition', time: '20s', shows },
    'ack-before-sync': { workload, nemesis: 'kill:all', quorum: 'always', time: '20s', shows },
    'assumes-delivery': {
      workload,
      options: { spread: 'anti-entropy', direction: 'push' },
      nemesis: 'partition',
      time: '60s',
      shows,
    },
  },
  flaws: {
    'rumours alone': {
      workload,
      options: { spread: 'rumours', k: '1' },
      time: '20s',
      about:
        'a rumour may go cold before everybody has heard it, and some never will: the residue (Demers et al. 1987, §1.4)',
      shows,
    },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '20s' },
    {
      workload,
      nemesis: 'partition,kill,pause',
      time: '20s',
      options: { spread: 'anti-entropy', direction: 'push' },
    },
    {
      workload,
      nemesis: 'partition,kill,pause',
      time: '20s',
      options: { spread: 'anti-entropy', direction: 'pull' },
    },
  ],
};
export default museum;
