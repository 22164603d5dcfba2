import type { HistoryEvent } from '../history.ts';
import type { Seen } from './seen.ts';

/** Puts ends to their calls, one open call a process. What has neither ended nor been given up is all that it remembers. */
export class Pairing {
  readonly #open = new Map<number, Seen>();
  #operations = 0;
  #last = -1;

  /** How many operations have been called. */
  get operations(): number {
    return this.#operations;
  }

  /** The operation that an event calls. A call that the same process has still open is handed to `forsaken` first. */
  called(event: HistoryEvent, forsaken: (op: Seen) => void, id: number = this.#operations): Seen {
    this.#inOrder(event.index);
    const { process } = event;
    const before = this.#open.get(process);
    if (before) forsaken(before);
    this.#operations++;
    const op: Seen = {
      id,
      process,
      node: undefined,
      f: String(event.f),
      key: event.key,
      input: event.value,
      output: undefined,
      outcome: 'info',
      call: event.index,
      return: Infinity,
      callTime: event.time,
      returnTime: Infinity,
      error: undefined,
      note: undefined,
    };
    this.#open.set(process, op);
    return op;
  }

  /** The operation that an event ends; `undefined` where its process has called none. */
  ended(event: HistoryEvent): Seen | undefined {
    this.#inOrder(event.index);
    const op = this.#open.get(event.process);
    if (!op || event.type === 'invoke') return undefined;
    this.#open.delete(event.process);
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
