import type { HistoryEvent } from '../history.ts';
import type { Seen } from './seen.ts';

/** Processes without an open call that are remembered: a `Map` makes itself anew when entries come and go, see {@link Pool}. */
const MOST_IDLE = 1024;

/** Puts ends to their calls, one open call a process. What has neither ended nor been given up is all that it remembers. */
export class Pairing {
  /** Of each process the call that is open; `undefined` for those that have none, of which some are kept for when they call again. */
  readonly #open = new Map<number, Seen | undefined>();
  #idle = 0;
  #operations = 0;
  #last = -1;

  /** How many operations have been called. */
  get operations(): number {
    return this.#operations;
  }

  /** The operation that an event calls, filled into `op`. A call that the same process has still open is handed to `forsaken` first. */
  called(
    event: HistoryEvent,
    forsaken: (op: Seen) => void,
    fresh: () => Seen,
    id: number = this.#operations,
  ): Seen {
    this.#inOrder(event.index);
    const { process } = event;
    const before = this.#open.get(process);
    if (before) {
      forsaken(before);
      before.isOpen = false;
    } else if (this.#open.has(process)) this.#idle--;
    const op = fresh();
    this.#operations++;
    op.id = id;
    op.process = process;
    op.f = String(event.f);
    op.key = event.key;
    op.input = event.value;
    op.output = undefined;
    op.outcome = 'info';
    op.call = event.index;
    op.return = Infinity;
    op.callTime = event.time;
    op.returnTime = Infinity;
    op.note = undefined;
    op.isOpen = true;
    this.#open.set(process, op);
    return op;
  }

  /** The operation that an event ends; `undefined` where its process has called none. Its follower is to close it. */
  ended(event: HistoryEvent): Seen | undefined {
    this.#inOrder(event.index);
    const op = this.#open.get(event.process);
    if (!op || event.type === 'invoke') return undefined;
    if (event.type === 'info' || this.#idle >= MOST_IDLE) this.#open.delete(event.process);
    else {
      this.#open.set(event.process, undefined);
      this.#idle++;
    }
    op.outcome = event.type;
    op.returnTime = event.time;
    if (event.type !== 'info') op.return = event.index;
    if (event.type === 'ok') op.output = event.value;
    return op;
  }

  #inOrder(index: number): void {
    if (!(index > this.#last))
      throw new Error(`event ${index} comes after event ${this.#last}; indexes must grow`);
    this.#last = index;
  }
}
