import { NOT_LINEARIZABLE, type Museum } from '../kit/museum.ts';
import type { Bug } from './bugs.ts';

const workload = 'hash-slots';
const shows = [...NOT_LINEARIZABLE, 'two owners', 'key without an owner'];

const museum: Museum<Bug> = {
  bugs: {
    'serves-anything': { workload, time: '20s', shows },
    'serves-while-moving': { workload, time: '30s', shows },
    'forgets-what-left': { workload, nemesis: 'kill', time: '30s', shows },
    'receives-again': { workload, with: { every: '0.3' }, nemesis: 'partition', shows },
    'deletes-first': { workload, nemesis: 'partition,kill', shows },
  },
  flaws: {
    modulo: {
      workload,
      options: { scheme: 'modulo' },
      time: '10s',
      about:
        'with one member more or less, a key stays only where both remainders agree: from 3 members to 4, three of four keys move (Karger and others 1997)',
      shows: ['moved too many keys'],
    },
    'a ring without virtual nodes': {
      workload,
      options: { scheme: 'ring', points: '1' },
      time: '20s',
      about:
        'with one point each, members’ shares are as uneven as chance has it: the largest of n is about log n times the fair one (Karger and others 1997)',
      shows: ['out of balance', 'moved too many keys'],
    },
  },
  clean: [
    { workload, nemesis: 'partition,kill,pause', time: '30s' },
    { workload, options: { scheme: 'ring' }, nemesis: 'partition,kill,pause', time: '30s' },
    {
      workload,
      options: { scheme: 'modulo' },
      with: { moves: '0' },
      nemesis: 'partition,kill,pause',
      time: '30s',
    },
  ],
};
export default museum;
