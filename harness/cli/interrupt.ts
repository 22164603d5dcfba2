/**
 * Ctrl-C, once and twice. Once: stop asking, heal, judge what was recorded, take everything down. Twice: take
 * everything down. Nothing is left behind either way, so there is no third.
 */
export interface Interrupts extends Disposable {
  /** Aborted by the first Ctrl-C (or SIGTERM, or SIGHUP: a closed terminal must not leave a cluster behind). */
  readonly stop: AbortSignal;
  /** Aborted by the second. */
  readonly abandon: AbortSignal;
}

const echoMs = 300;

export function interrupts(say: (line: string) => void): Interrupts {
  const stop = new AbortController();
  const abandon = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    // npm passes on what the terminal has sent to everyone already: that is one Ctrl-C, not two.
    if (stop.signal.aborted && performance.now() - first < echoMs) return;
    if (!stop.signal.aborted) {
      say('Interrupted: stopping, healing, judging what was recorded. Once more to skip the verdict.');
      first = performance.now();
      stop.abort(new Error('interrupted'));
    } else if (!abandon.signal.aborted) {
      say('Interrupted again: taking everything down. The history so far is kept.');
      abandon.abort(new Error('interrupted'));
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    abandon: abandon.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
