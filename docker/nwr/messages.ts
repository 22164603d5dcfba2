import type { Key } from '../kit/kit.ts';

/** What a coordinator asks the replicas of a key. */
export type QuorumMessages = {
  get: { in: Key; out: Versioned };
  /** Keep this, unless you have something newer. Answered once it is on the disk. */
  put: { in: { readonly key: Key; readonly held: Versioned }; out: void };
};

export interface Versioned {
  readonly value: number | null;
  readonly version: Version;
}

/** Ordered by counter, then by writer: no two writes ever have the same. */
export type Version = readonly [counter: number, writer: string];

export const NOTHING: Versioned = { value: null, version: [0, ''] };

export function newer(a: Version, b: Version): boolean {
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}
