import type { Key } from '../history.ts';
import type { Node } from './growing-order.ts';
import type { Seen } from './seen.ts';

/** One transaction, or one read or write. */
export interface Done {
  readonly op: Seen;
  readonly client: Client;
  readonly node: DoneNode;
  /** What it writes, in its order. */
  readonly writes: Write[];
  /** What it read of others, once it has ended. */
  reads: Read[];
  /** What came before it in its session, and is remembered. */
  before: Done | undefined;
  forgotten: boolean;
}

export type Way = 'session' | 'read';
type DoneNode = Node<Done, Way>;

export interface Write {
  readonly of: Done;
  readonly key: KeyRecord;
  readonly value: unknown;
  /** Somebody has read it, and before anything else there. */
  seen: boolean;
  /** Whoever read it first, at whatever step. */
  readBy: Done | undefined;
  /** What the same client wrote there before, and what it wrote there with its next operation that did. */
  before: Write | undefined;
  next: Write | undefined;
  /** Writes to the same key that were under way when this one was called. */
  readonly beside: readonly Write[];
  /** Whoever read it, and then another from the same key: in which operations. */
  readonly leftBy: Map<Client, readonly [read: Done, other: Done]>;
  /** It did not happen. */
  failed: boolean;
}

export interface Read {
  readonly by: Done;
  readonly key: KeyRecord;
  readonly value: unknown;
  /** Nothing for the initial value, and as long as nobody has written it. */
  from: Write | undefined;
  readonly initial: boolean;
}

/** What is known of one key. */
export interface KeyRecord {
  readonly key: Key;
  /** In order of their calls. The first few, `gone` of them, have been forgotten. */
  writes: Write[];
  gone: number;
  readonly byValue: Map<unknown, Write>;
  readonly open: Set<Write>;
  /** Of each client the latest write. */
  readonly latest: Map<Client, Write>;
  /** Some of its writes have been forgotten. */
  forgetful: boolean;
}

/** One client, and the latest that it has read of each other. */
export class Client {
  readonly process: number;
  /** The last that it knows to have happened. */
  last: Done | undefined;
  /** What it has read of each key last, but for the initial value. */
  readonly lastRead: Map<KeyRecord, Read> = new Map();
  readonly #onKey = new Map<KeyRecord, Map<Client, Write>>();
  readonly #elsewhere = new Map<Client, { latest: Write; second: Write | undefined }>();

  constructor(process: number) {
    this.process = process;
  }

  note(write: Write): void {
    const whose = write.of.client;
    let here = this.#onKey.get(write.key);
    if (!here) this.#onKey.set(write.key, (here = new Map()));
    if (isLater(write, here.get(whose))) here.set(whose, write);
    const seen = this.#elsewhere.get(whose);
    if (!seen) this.#elsewhere.set(whose, { latest: write, second: undefined });
    else if (isLater(write, seen.latest)) {
      if (seen.latest.key !== write.key) seen.second = seen.latest;
      seen.latest = write;
    } else if (seen.latest.key !== write.key && isLater(write, seen.second)) seen.second = write;
  }

  /** The latest of another's writes to a key that it has read. */
  on(key: KeyRecord, whose: Client): Write | undefined {
    return this.#onKey.get(key)?.get(whose);
  }

  /** The latest of another's writes to any other key that it has read. */
  elsewhere(key: KeyRecord, whose: Client): Write | undefined {
    const seen = this.#elsewhere.get(whose);
    return seen?.latest.key === key ? seen.second : seen?.latest;
  }
}

function isLater({ of }: Write, than: Write | undefined): boolean {
  return !than || of.op.call > than.of.op.call;
}

/** Whether one comes before another of the same client; what its client never learned the outcome of may come later. */
export function inSession(before: Done, after: Done): boolean {
  return before.client === after.client && before.op.outcome === 'ok' && before.op.return < after.op.call;
}
