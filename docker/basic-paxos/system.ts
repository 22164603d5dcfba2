import consensus from '../../workloads/consensus.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import protocol from './basic-paxos.ts';
import { bugs } from './bugs.ts';

export default kitSystem({
  name: 'basic-paxos',
  about: 'Paxos, an instance a key: proposers that may duel, acceptors that forget nothing, learners',
  module: new URL('./basic-paxos.ts', import.meta.url),
  protocol,
  bugs,
  options: {
    backoff: {
      about: 'whether a proposer that was outbid waits a random while before it tries again',
      default: 'random',
      choices: ['random', 'none'],
    },
  },
  clients: [kitClient(consensus)],
});
