import type { Key } from 'knossos-js';
import type { Call } from '../client.ts';
import type { Lane } from './lane.ts';

/** An operation that has been asked and not yet answered. It is what its client is handed. */
export class Operation implements Call {
  readonly lane: Lane;
  readonly process: number;
  readonly f: string;
  readonly key: Key;
  readonly value: unknown;
  /** In nanoseconds of the run. */
  readonly expires: number;
  ended = false;
  #controller: AbortController | undefined;

  constructor(lane: Lane, f: string, key: Key | undefined, value: unknown, expires: number) {
    this.lane = lane;
    this.process = lane.process;
    this.f = f;
    // Operations of a workload have keys throughout or not at all, and its clients know which.
    this.key = key as Key;
    this.value = value;
    this.expires = expires;
  }

  /** Made when it is first looked at: in-process clients never do, and it costs as much as all the rest. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(why: string): void {
    this.#controller?.abort(new Error(why));
  }
}

/** By name as well: a user's file may have a copy of this package of its own. */
export function isNotApplied(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotApplied';
}
