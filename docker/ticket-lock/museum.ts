import type { Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'lock';
const stalling = { workload, with: { stalls: '0.1', deaths: '0' } };
const fenced = { workload, with: { stalls: '0.1', promise: 'fencing' } };

const museum: Museum<Bug> = {
  bugs: {
    'ticket-before-sync': {
      workload,
      nemesis: 'kill:leader',
      shows: ['token does not grow', 'token given twice', 'two holders'],
    },
    'forgets-holder': { workload, nemesis: 'kill:leader', shows: ['two holders'] },
    'releases-any': { workload, nemesis: 'pause', shows: ['two holders'] },
    'no-lease-after-restart': { workload, nemesis: 'kill:leader', time: '30s', shows: ['lost lock'] },
    'token-from-clock': {
      workload,
      nemesis: 'clock:behind',
      shows: ['token does not grow', 'overtaken holder let in'],
    },
    'guard-forgets': {
      workload,
      with: { stalls: '0.5', promise: 'fencing' },
      nemesis: 'kill:all',
      quorum: 'always',
      shows: ['overtaken holder let in'],
    },
  },
  flaws: {
    'tickets that do not expire': {
      workload,
      options: { lease: '0' },
      time: '20s',
      about:
        'whoever dies with the lock, or in the queue for it, has it for ever: the naive protocol knows nobody’s death',
      shows: ['lost lock'],
    },
    'expiring tickets, and a holder that stalls': {
      ...stalling,
      time: '20s',
      about:
        'a holder that stalls after it has looked at the clock goes on when its ticket has expired and another has the lock (Gray & Cheriton 1989 assume that it does not; Kleppmann 2016)',
      shows: ['two holders'],
    },
    'expiring tickets, and a clock that runs fast': {
      workload,
      with: { hold: '200' },
      nemesis: 'clock:monotonic-fast',
      about:
        'the office counts faster than the holder, and ends a lease that the holder still trusts (Gray & Cheriton 1989, §5)',
      shows: ['two holders'],
    },
    'expiring tickets without fencing': {
      ...fenced,
      options: { fencing: 'no' },
      time: '20s',
      about:
        'whoever has been overtaken changes what the lock protects, after the one that overtook it (Kleppmann 2016)',
      shows: ['overtaken holder let in'],
    },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, nemesis: 'partition,kill,pause', time: '30s', nodes: 5 },
    { ...fenced, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, with: { deaths: '0', mayBeLost: 'true' }, options: { lease: '0' }, time: '30s' },
  ],
};
export default museum;
