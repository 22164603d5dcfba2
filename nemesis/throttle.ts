import { linkFault } from './link-fault.ts';
import { between, byPassage } from './passage.ts';

/** Of one datagram of the row, with its headers. */
const PACKET = 1028;
/** Sent at once, a row takes so long to get through. */
const BUSY_MS = 200;

/** A link as narrow as one to another continent: what does not fit through waits, and what would wait for long is lost. */
export default linkFault({
  name: 'throttle',
  about: 'limits how many bytes a second links of some nodes carry',
  draw(random) {
    const bytesPerSecond = Math.round(between(20_000, 1_000_000, random.fraction()));
    const count = Math.ceil((bytesPerSecond * BUSY_MS) / 1000 / PACKET);
    const leastMs = (1000 * (count - 1) * PACKET) / bytesPerSecond;
    return {
      shaping: { bytesPerSecond },
      says: (whose) => `${whose} is limited to ${Math.round(bytesPerSecond / 1000)} kB/s`,
      // Where others send too, the last of the row waits for longer still, or for too long.
      look: byPassage(
        { count, everyMs: 0, bytes: PACKET - 28, waitMs: 2000 },
        ({ arrived, delaysMs }) => arrived < count || Math.max(...delaysMs) >= 0.9 * leastMs,
        ({ arrived, delaysMs }) =>
          `took ${Math.max(...delaysMs).toFixed(0)} ms for ${arrived} of ${count} kB that were sent at once`,
      ),
    };
  },
});
