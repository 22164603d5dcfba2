/** After so many milliseconds a lock is free again, whoever has it. */
const LEASE_MS = 1_000;

/** A lock and what it protects, in one place: who has it, until when, and how many have had it. */
export interface LeasedLock {
  readonly token: number;
  readonly until: number;
}

export const NEVER_HELD: LeasedLock = { token: 0, until: 0 };

/** By now it belongs to the next, unless somebody has it. */
export function acquire(lock: LeasedLock, at: number): LeasedLock | undefined {
  return at < lock.until ? undefined : { token: lock.token + 1, until: at + LEASE_MS };
}

export function grantOf({ token }: LeasedLock): readonly [token: number, leaseMs: number] {
  return [token, LEASE_MS];
}

/** Whether whoever shows this token has the lock. */
export function holds(lock: LeasedLock, token: number | null, at: number): boolean {
  return token === lock.token && at < lock.until;
}
