import { EnvironmentError, LabrysError } from '../../errors.ts';
import { EngineSilence } from './patience.ts';

/** Turn what dockerode threw into a message for a person: what was tried, the engine's own reason, what to do. */
export function dockerFailed(what: string, cause: unknown): LabrysError {
  if (cause instanceof LabrysError && !(cause instanceof EngineSilence)) return cause;
  const reason = reasonOf(cause);
  const hint = cause instanceof EngineSilence ? cause.hint : hintFor(reason);
  return new EnvironmentError(`${what}: ${reason}`, { cause, ...(hint === undefined ? {} : { hint }) });
}

/** The engine's own words, without dockerode's wrapping. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { json, code } = cause as { json?: { message?: unknown }; code?: string | number };
  if (typeof json?.message === 'string') return json.message.trim();
  const message = cause.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
  return message || String(code ?? cause.name);
}

export function statusOf(cause: unknown): number | undefined {
  const status = (cause as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

function hintFor(reason: string): string | undefined {
  if (/no space left|disk quota|ENOSPC/i.test(reason))
    return 'the engine’s disk is full: see `docker system df`, and remove what you can spare (`docker image prune`)';
  if (/ECONNREFUSED|ECONNRESET|ENOENT.*sock|EPIPE|socket hang up/i.test(reason))
    return 'the docker engine went away: look at `docker info` and at its log (`journalctl -u docker`)';
  if (/toomanyrequests|rate limit/i.test(reason))
    return 'the registry limits anonymous pulls: `docker login`, or wait';
  return undefined;
}
