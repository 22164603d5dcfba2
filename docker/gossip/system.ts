import broadcast from '../../workloads/broadcast.ts';
import { kitClient, kitSystem } from '../kit/system.ts';
import { bugs } from './bugs.ts';
import protocol from './gossip.ts';

export default kitSystem({
  name: 'gossip',
  about: 'epidemic broadcast: anti-entropy by push, pull or both, and rumour mongering',
  module: new URL('./gossip.ts', import.meta.url),
  protocol,
  size: 5,
  bugs,
  options: {
    spread: {
      about: 'how news travels',
      default: 'both',
      choices: ['both', 'anti-entropy', 'rumours'],
    },
    direction: {
      about: 'who gives in anti-entropy: whoever asks, whoever is asked, or both',
      default: 'push-pull',
      choices: ['push-pull', 'push', 'pull'],
    },
    k: {
      about: 'whoever tells what is no news loses interest with a chance of one in so many',
      default: '2',
    },
  },
  clients: [kitClient(broadcast)],
});
