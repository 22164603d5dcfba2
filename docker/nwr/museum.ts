import { NOT_LINEARIZABLE as shows, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

/** It has no compare-and-set. */
const register = { workload: 'register', with: { cas: '0' } };
const atomic = { ...register, options: { writeback: 'yes' } };

const museum: Museum<Bug> = {
  bugs: {
    'first-answer': { ...atomic, nemesis: 'partition', time: '30s', shows },
    'last-arrival': { ...atomic, time: '20s', shows },
    'counts-sent': { ...atomic, nemesis: 'partition', time: '30s', shows },
    'ack-before-sync': { ...atomic, nemesis: 'kill:all', quorum: 'always', time: '30s', shows },
  },
  flaws: {
    'R+W>N without write-back': {
      ...register,
      options: { repair: 'no' },
      nodes: 5,
      nemesis: 'partition,kill',
      about:
        'a write that is under way, or was given up, is seen by one read and missed by the next: a read quorum meets every write quorum of what is confirmed, and nothing more (Attiya, Bar-Noy & Dolev 1995 have readers write back)',
      shows,
    },
    'R+W≤N': {
      ...register,
      options: { r: '1', w: '1' },
      time: '20s',
      about:
        'a read need not hear any replica that has the write (Gifford 1979; “eventually consistent” in DeCandia et al. 2007)',
      shows,
    },
  },
  clean: [
    { ...atomic, nemesis: 'partition,kill,pause', time: '30s' },
    { ...atomic, nemesis: 'partition,kill,pause', time: '30s', nodes: 5 },
  ],
};
export default museum;
