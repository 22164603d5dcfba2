import type { Key } from '../kit/kit.ts';
import type { SlotMap } from './schemes.ts';

export type HashMessages = {
  /** Asked of whoever may own the key. Refused by whoever does not. */
  get: { in: Key; out: number | null };
  put: { in: { readonly key: Key; readonly value: number }; out: void };
  /** Asked of the first node, which keeps the map. */
  map: { in: void; out: Maps };
  resize: { in: 'join' | 'leave'; out: Resized };
  /** Give what you have of a stripe to whom it belongs now. Returns how many keys that were. */
  handOver: { in: Handing; out: number };
  receive: { in: Parcel; out: void };
  count: { in: void; out: number };
};

export interface Maps {
  readonly epoch: number;
  readonly members: readonly string[];
  readonly map: SlotMap;
  /** The map of the epoch before: until all is moved, whoever owns nothing by the one may by the other. */
  readonly before: SlotMap;
  readonly moving: boolean;
}

export type Resized = readonly [before: number, after: number, moved: number, total: number];

export interface Handing {
  readonly epoch: number;
  readonly stripe: number;
  /** Of each slot of the stripe, its owner’s place among all nodes. */
  readonly owners: readonly number[];
}

export interface Parcel {
  readonly epoch: number;
  readonly stripe: number;
  /** Counted from the first of the stripe. */
  readonly slots: readonly number[];
  readonly values: Readonly<Record<string, number>>;
}

/** The operations of the workload `hash-slots`. */
export type HashSlotOperations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  resize: { in: 'join' | 'leave'; out: Resized };
  owned: { in: void; out: readonly [epoch: number, members: readonly string[], keys: readonly string[]] };
};
