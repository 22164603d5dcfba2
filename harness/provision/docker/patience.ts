import type Docker from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../../errors.ts';

/** Longer than an engine needs for anything that it answers at once or not at all, on a machine that is busy. */
const PATIENCE_MS = 60_000;
/** An engine that has left one call unanswered is asked for so long only, until it answers again: there are many calls to a run's end. */
const IMPATIENCE_MS = 5_000;

/** One request, as dockerode hands it on. */
interface Call {
  readonly path: string;
  abortSignal?: AbortSignal | undefined;
}
type Answer = (error: Error | null, value: unknown) => void;
/** As far as it is used here; dockerode's types say nothing of it. */
interface Modem {
  dial(call: Call, answer: Answer): void;
}

/**
 * Give an engine a deadline for each call, so that one that hangs does not hang the run. It holds for the beginning of an
 * answer: what then comes in a stream may take its time. A call that brings its own signal is followed by whoever made it,
 * and has none: {@link follow}.
 */
export function withPatience(docker: Docker, patienceMs: number = PATIENCE_MS): Docker {
  const modem = docker.modem as Modem;
  const dial = modem.dial.bind(modem);
  let leftMs = patienceMs;
  modem.dial = (call, answer) => {
    if (call.abortSignal !== undefined) return dial(call, answer);
    const silence = new AbortController();
    const givenMs = leftMs;
    let answered = false;
    const once: Answer = (error, value) => {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      answer(error, value);
    };
    const timer = setTimeout(() => {
      leftMs = Math.min(patienceMs, IMPATIENCE_MS);
      once(new EngineSilence(call.path, givenMs), null);
      silence.abort();
    }, givenMs);
    dial({ ...call, abortSignal: silence.signal }, (error, value) => {
      if (!answered) leftMs = patienceMs;
      once(error, value);
    });
  };
  return docker;
}

/** The engine accepted a call and left it without an answer. */
export class EngineSilence extends EnvironmentError {
  constructor(path: string, ms: number) {
    const asked = path.replace(/\?.*$/, '').replaceAll(/([0-9a-f]{12})[0-9a-f]{52}/g, '$1');
    super(`the docker engine has not answered ${asked} for ${ms / 1000} s`, {
      hint: 'it hangs: look at `docker info` and at its log (`journalctl -u docker`), and restart it',
    });
  }
}

/** Resolves when it has settled, however; or after so long, if it has not. */
export async function settled(promise: Promise<unknown>, withinMs: number): Promise<void> {
  const enough = new AbortController();
  const waited = sleep(withinMs, undefined, { signal: enough.signal });
  await Promise.race([promise, waited]).catch(() => {});
  enough.abort();
  await waited.catch(() => {});
}
