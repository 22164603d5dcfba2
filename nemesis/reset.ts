import { linkFault } from './link-fault.ts';
import { between, percent } from './passage.ts';

/** Long enough for one packet in twenty to have come by. */
const TALK_MS = 800;

/** Connections break: each end is told that the other has ended it, as by a firewall that has forgotten them. Datagrams pass. */
export default linkFault({
  name: 'reset',
  about: 'resets TCP connections of some nodes to others, again and again',
  proof: 'a connection over some of its links, before and since',
  draw(random) {
    const reset = between(0.05, 0.3, random.fraction());
    return {
      shaping: { reset },
      says: (whose) => `${percent(reset)} of packets in ${whose} end their connection`,
      async look(network, link) {
        const became = await network.converse(link, TALK_MS);
        return became === 'silent'
          ? { state: 'dead', saw: 'lets no connection through' }
          : { state: became === 'reset' ? 'ill' : 'usual', saw: `had a connection ${became}` };
      },
    };
  },
});
