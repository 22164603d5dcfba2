import { linkFault } from './link-fault.ts';
import { between, byPassage } from './passage.ts';

/**
 * What is sent arrives late, all of it by as much, or each packet by as much as it likes, and then out of order. Timeouts
 * that fit the usual network do not fit this one: followers that are well are given up, and requests done twice.
 */
export default linkFault({
  name: 'slow',
  about: 'delays what some nodes send or hear, evenly or with jitter',
  draw(random) {
    const delayMs = Math.round(between(20, 500, random.fraction()));
    const jitterMs = random.pick([0, Math.round(delayMs / 4), Math.round(delayMs / 2)]);
    return {
      shaping: { delayMs, jitterMs },
      says: (whose) => `${whose} is ${delayMs}${jitterMs > 0 ? ` ± ${jitterMs}` : ''} ms late`,
      // The first to arrive says it all: a machine that is busy makes packets late, and never early.
      look: byPassage(
        { count: 20, everyMs: 2, bytes: 100, waitMs: 2000 },
        ({ delaysMs }) => Math.min(...delaysMs) >= delayMs - jitterMs,
        ({ delaysMs }) => `took ${median(delaysMs).toFixed(1)} ms`,
      ),
    };
  },
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
