import type { Key } from 'knossos-js';
import type { Connection, System } from '../../harness/index.ts';

/** The fencing token, where there is one; and for how many milliseconds the lock is good, from when it was asked for. */
export type Grant = readonly [token: number | null, leaseMs: number | null];

/** One process's way to a lock service, and to what its locks protect. */
export interface Locks {
  /** `false`: another has it. */
  acquire(key: Key, signal: AbortSignal): Promise<false | Grant>;
  /** Does something to what the lock protects. `false`: it was turned away. */
  use(key: Key, token: number | null, signal: AbortSignal): Promise<boolean>;
  /** `false`: the lock had been lost before. */
  release(key: Key, token: number | null, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** A way to make locks of a product: its nodes, and how a process uses them. */
export interface LockService extends Pick<System, 'recipe' | 'ready' | 'setup' | 'leaders'> {
  /** What it is, in a sentence. */
  readonly about: string;
  open(connection: Connection, wanted: Wanted): Locks;
}

export interface Wanted {
  readonly leaseMs: number;
  /** Whether tokens are handed out with locks. */
  readonly tokens: boolean;
  /** Whether what is protected turns away tokens that are older than one it has seen. */
  readonly fences: boolean;
}
