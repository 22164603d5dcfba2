import { linkFault } from './link-fault.ts';
import { atLeast, between, byPassage, percent, rowFor } from './passage.ts';

/** Packets are lost, at random. Connections live on it, and slowly; what is sent once and never again is gone. */
export default linkFault({
  name: 'lossy',
  about: 'loses a share of what some nodes send or hear',
  draw(random) {
    const loss = between(0.1, 0.6, random.fraction());
    return {
      shaping: { loss },
      says: (whose) => `${percent(loss)} of ${whose} is lost`,
      look: byPassage(
        rowFor(loss),
        ({ sent, arrived, altered }) => atLeast(sent - arrived - altered, loss, sent),
        ({ sent, arrived, altered }) => `lost ${sent - arrived - altered} of ${sent}`,
      ),
    };
  },
});
