import { NOT_LINEARIZABLE as shows, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

/** It has no compare-and-set. */
const register = { workload: 'register', with: { cas: '0' } };
/** What a set that lost something is accused of. */
const LOST = ['lost', 'stale'];
const atomic = { ...register, options: { writeback: 'yes' } };

/** A cart: elements are added to what was read, and versions of it are merged. Sloppy quorums promise no more than that nothing is lost. */
const cart = { workload: 'set', options: { versions: 'vector' } };
const sloppy = {
  workload: 'set',
  options: { versions: 'vector', sloppy: 'yes' },
  with: { mayBeStale: 'true', sets: '300' },
  quorum: 'always',
  rate: 60,
} as const;
/** One replica a key: whoever stands in for it holds the only copy of what it takes. */
const alone = { ...sloppy, options: { ...sloppy.options, n: '1', w: '1', r: '1' } };

const museum: Museum<Bug> = {
  bugs: {
    'first-answer': { ...atomic, nemesis: 'partition', time: '30s', shows },
    'last-arrival': { ...atomic, time: '20s', shows },
    'counts-sent': { ...atomic, nemesis: 'partition', shows },
    'ack-before-sync': {
      workload: 'register',
      with: { cas: '0', read: '1', write: '9' },
      options: { n: '1', w: '1', r: '1' },
      nemesis: 'kill:all',
      quorum: 'always',
      rate: 15,
      shows,
    },
    'numbers-by-client': { ...cart, time: '20s', shows: LOST },
    'drops-siblings': { ...cart, time: '20s', shows: LOST },
    'hints-in-memory': { ...alone, nemesis: 'partition,kill:all,rolling-restart', shows: LOST },
    'drops-hints-early': { ...alone, nemesis: 'partition', shows: LOST },
  },
  flaws: {
    'last write wins': {
      workload: 'set',
      time: '20s',
      about:
        'of two writes that did not know of each other one is thrown away, although both were confirmed (DeCandia et al. 2007, §4.4, on why carts are not timestamped)',
      shows: LOST,
    },
    'sloppy quorums': {
      ...register,
      options: { sloppy: 'yes', writeback: 'yes' },
      nodes: 7,
      nemesis: 'partition',
      quorum: 'always',
      about:
        'a read quorum of stand-ins need not meet a write quorum of others, whatever R+W and N are (DeCandia et al. 2007, §4.6)',
      shows,
    },
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
    { ...cart, nemesis: 'partition,kill,pause', time: '30s', nodes: 5 },
    { ...sloppy, nemesis: 'partition,kill,pause', nodes: 7, time: '30s' },
    { ...alone, nemesis: 'partition,kill:all,rolling-restart', time: '30s' },
  ],
};
export default museum;
