import { linkFault } from './link-fault.ts';
import { atLeast, between, byPassage, percent, rowFor } from './passage.ts';

/**
 * One bit of a packet is flipped. Where it carries a checksum, its receiver drops it, and the damage is a loss; where it does
 * not, or two flips cancel out, the program gets what nobody sent.
 */
export default linkFault({
  name: 'corrupt',
  about: 'flips a bit in a share of what some nodes send or hear',
  draw(random) {
    const corrupt = between(0.1, 0.5, random.fraction());
    return {
      shaping: { corrupt },
      says: (whose) => `${percent(corrupt)} of ${whose} is damaged`,
      look: byPassage(
        rowFor(corrupt),
        ({ sent, altered }) => atLeast(altered, corrupt, sent),
        ({ sent, altered }) => `damaged ${altered} of ${sent}`,
      ),
    };
  },
});
