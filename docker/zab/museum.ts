import { NOT_LINEARIZABLE as stale, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'register';
const nemesis = 'partition,kill,pause';
const synced = { workload, options: { reads: 'sync' } };
const local = { workload, with: { level: 'sequential' } };

/** Registers that are not sequential, in the words of the checker: most often a circle that the order of a process closes. */
const back = ['G-single-item-process', 'G-nonadjacent-item-process', 'G2-item-process', 'lost update'];

const museum: Museum<Bug> = {
  bugs: {
    'ack-before-log': { ...synced, nemesis: 'kill:all', quorum: 'always', shows: stale },
    'accepts-old-epoch': { ...synced, nemesis: 'pause:leader', shows: stale },
    'minority-commits': { ...synced, nemesis: 'partition:leader', shows: stale },
    'no-truncate': {
      workload: 'set',
      options: { reads: 'sync' },
      nemesis: 'partition:leader',
      shows: ['lost', 'stale'],
    },
    'forgets-epochs': { ...synced, nemesis: 'partition,kill', quorum: 'always', shows: stale },
    'sync-trusts-lead': { ...synced, nemesis: 'partition:leader', shows: stale },
    'serves-before-synced': { ...local, nemesis: 'kill', shows: back },
    'delivers-proposals': { ...local, nemesis: 'partition:halves', nodes: 5, shows: back },
  },
  flaws: {
    'local reads': {
      workload,
      nemesis: 'partition:leader',
      time: '30s',
      about:
        'a server answers from what it has, which may be old: sequential, and not linearizable (Hunt et al. 2010, §4.4: hence sync)',
      shows: stale,
    },
  },
  clean: [
    { ...local, nemesis },
    { ...local, nemesis, nodes: 5 },
    { ...synced, nemesis, time: '30s' },
    { ...synced, nemesis: 'flaky,stutter,crash-loop', time: '30s', nodes: 5 },
    { workload: 'list-append', with: { level: 'strong session serializable' }, nemesis, time: '30s' },
    { workload: 'list-append', options: { reads: 'sync' }, nemesis, time: '30s' },
    { workload: 'set', options: { reads: 'sync' }, nemesis, time: '30s' },
  ],
};
export default museum;
