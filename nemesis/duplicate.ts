import { linkFault } from './link-fault.ts';
import { atLeast, between, byPassage, percent, rowFor } from './passage.ts';

/** Packets come twice. A connection drops the second; a protocol of datagrams has to know it by itself. */
export default linkFault({
  name: 'duplicate',
  about: 'has a share of what some nodes send or hear arrive twice',
  draw(random) {
    const duplicate = between(0.1, 1, random.fraction());
    return {
      shaping: { duplicate },
      says: (whose) => `${percent(duplicate)} of ${whose} comes twice`,
      look: byPassage(
        rowFor(duplicate),
        ({ arrived, again }) => atLeast(again, duplicate, arrived),
        ({ arrived, again }) => `carried ${again} of ${arrived} twice`,
      ),
    };
  },
});
