import type Docker from 'dockerode';
import { EnvironmentError } from '../../errors.ts';

/** Where a step says what it does: `blueprint.log`. */
export type Log = (line: Readonly<Record<string, unknown>>) => void;

interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
}

/**
 * Follow something long that the engine does (pull, build, import) to its end, line by line. It rejects when the engine
 * reports an error, when the signal is aborted, and after `silenceMs` without a word.
 */
export async function follow(
  docker: Docker,
  begin: (abortSignal: AbortSignal) => Promise<NodeJS.ReadableStream>,
  signal: AbortSignal,
  silenceMs: number,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => silence.abort(new EnvironmentError(`no word for ${silenceMs / 1000} s`)),
      silenceMs,
    );
  };
  heard();
  const abortSignal = AbortSignal.any([signal, silence.signal]);
  const aborted = new Promise<never>((_, reject) => {
    abortSignal.addEventListener('abort', () => reject(abortSignal.reason as Error), { once: true });
  });
  aborted.catch(() => {}); // It usually never happens.
  try {
    abortSignal.throwIfAborted();
    const stream = await Promise.race([begin(abortSignal), aborted]);
    const ended = new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(
        stream,
        (error: Error | null) => (error ? reject(error) : resolve()),
        (event: Progress) => {
          heard();
          if (event.error !== undefined) reject(new EnvironmentError(event.error.trim()));
          const line = (event.stream ?? event.status ?? '').trimEnd();
          if (line !== '') onLine(line);
        },
      );
    });
    await Promise.race([ended, aborted]);
  } finally {
    clearTimeout(timer);
  }
}
