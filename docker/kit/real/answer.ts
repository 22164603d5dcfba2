import { NotApplied, Unreachable } from '../kit.ts';

/** How a method ended, as it travels back to whoever asked. */
export type Reply =
  | { readonly ok: unknown }
  | { readonly error: string; readonly notApplied: boolean; readonly leader?: string };

/**
 * Run one of a node's methods. What it throws by mistake is told to whoever asked, as "nobody knows", and to the log;
 * it does not end the process, since a stranger's malformed message may be all that was wrong.
 */
export async function answer(run: () => unknown, mistake: (error: unknown) => void): Promise<Reply> {
  try {
    return { ok: (await run()) ?? null };
  } catch (error) {
    if (error instanceof NotApplied)
      return { error: error.message, notApplied: true, ...(error.leader ? { leader: error.leader } : {}) };
    if (!(error instanceof Unreachable)) mistake(error);
    return { error: error instanceof Error ? error.message : String(error), notApplied: false };
  }
}

/** The error that a reply stands for. */
export function errorOf(reply: Extract<Reply, { error: string }>): Error {
  return reply.notApplied ? new NotApplied(reply.error, reply.leader) : new Unreachable(reply.error);
}

export function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && ('ok' in value || 'error' in value);
}
