import { linkFault } from './link-fault.ts';
import { atLeast, between, byPassage, percent, rowFor } from './passage.ts';

/** Packets overtake each other: a share of them is sent at once, while the others wait a little. */
export default linkFault({
  name: 'reorder',
  about: 'lets a share of what some nodes send or hear overtake what was sent before',
  draw(random) {
    const reorder = between(0.1, 0.5, random.fraction());
    const delayMs = Math.round(between(5, 50, random.fraction()));
    return {
      shaping: { reorder, delayMs },
      says: (whose) => `${percent(reorder)} of ${whose} overtakes the rest, by ${delayMs} ms`,
      // For each that overtakes, several are overtaken.
      look: byPassage(
        rowFor(reorder),
        ({ arrived, overtaken }) => atLeast(overtaken, reorder, arrived),
        ({ arrived, overtaken }) => `had ${overtaken} of ${arrived} overtaken`,
      ),
    };
  },
});
