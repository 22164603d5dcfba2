import type { Field } from '../harness/fault.ts';

/** Something that goes on for as long as a fault lasts. */
export interface Repeated {
  /** Ends it, and waits until whatever it is doing has been done. */
  stop(): Promise<void>;
}

/**
 * Does it again and again, at most `limit` times, until it is told to stop. What goes wrong in one round is put right by
 * the next, or by the heal: a node may have been killed by another fault meanwhile.
 */
export function overAndOver(
  { time }: Pick<Field, 'time'>,
  limit: number,
  round: (pause: (ms: number) => Promise<void>, turn: number) => Promise<void>,
): Repeated {
  const enough = new AbortController();
  const pause = (ms: number): Promise<void> => time.sleep(ms, enough.signal);
  const over = (async () => {
    for (let turn = 0; turn < limit && !enough.signal.aborted; turn++) {
      await round(pause, turn).catch(() => {});
      // Also where a round fails at once: whoever is to stop it has to come to that.
      await pause(5).catch(() => {});
    }
  })();
  return {
    stop: async () => {
      enough.abort(new Error('the fault is over'));
      await over;
    },
  };
}
