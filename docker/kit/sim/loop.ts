import { drain, outside, turnOver } from './drain.ts';
import { forbidRealWorld } from './guard.ts';
import type { Timeline } from './timeline.ts';

/** Virtual time after which a run that has not ended never will: nodes' timers alone would keep it going for ever. */
const LONGEST_MS = 6 * 3_600_000;
/** How long the real world is kept waiting before it gets a turn: Ctrl-C, a live view. */
const TURN_MS = 50;

export type Draining = 'checkpoint' | 'event loop';

/**
 * Run `main` until it settles. Whatever it and the nodes await is settled by events of this timeline, one after the
 * other, and before time moves on everything that can go on has gone on.
 */
export async function runIn<T>(
  timeline: Timeline,
  main: () => Promise<T>,
  draining: Draining = drain ? 'checkpoint' : 'event loop',
): Promise<T> {
  const run: { ended?: () => T } = {};
  const begin = (): void => {
    main().then(
      (value) => {
        run.ended = () => value;
      },
      (error: unknown) => {
        run.ended = () => {
          throw error;
        };
      },
    );
  };
  const step = (): void => {
    if (!timeline.step())
      throw new Error('the simulation stands still: nothing is left to happen, and the run still waits');
    if (timeline.now > LONGEST_MS)
      throw new Error(`after ${LONGEST_MS / 3_600_000} virtual hours the simulated run has not ended`);
  };

  if (draining === 'checkpoint' && drain) {
    const settle = drain;
    const clock = performance;
    let first: (() => void) | undefined = begin;
    while (!run.ended)
      await outside(() => {
        const until = clock.now() + TURN_MS;
        const allow = forbidRealWorld();
        try {
          first?.();
          first = undefined;
          settle();
          for (let i = 1; !run.ended && (i % 256 !== 0 || clock.now() < until); i++) {
            step();
            settle();
          }
        } finally {
          allow();
        }
      });
  } else {
    await outside(begin);
    for (await turnOver(); !run.ended; await turnOver()) step();
  }
  return run.ended();
}
