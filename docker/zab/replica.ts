import { Unreachable } from '../kit/kit.ts';
import { Objects } from '../kit/objects.ts';
import { lengthTo, type History } from './history.ts';
import { after, type Origin, type Seen, type Zxid } from './messages.ts';

/** After so many delivered transactions a snapshot takes their place. Low, so that a short test sees many. */
const SNAPSHOT_TXNS = 128;

/** What is committed of a history, delivered to the state in order, and the clients of this node who wait for that. */
export class Replica {
  readonly state = new Objects();
  readonly #history: History;
  readonly #self: Omit<Origin, 'number'>;
  readonly #see: (seen: Seen) => void;
  #delivered: Zxid;
  #requests = 0;
  readonly #clients = new Map<string, Waiting>();
  #readers: { readonly upTo: Zxid; readonly wake: () => void }[] = [];

  constructor(history: History, self: Omit<Origin, 'number'>, see: (seen: Seen) => void) {
    this.#history = history;
    this.#self = self;
    this.#see = see;
    this.state.load(history.base.state);
    this.#delivered = history.base.zxid;
  }

  get delivered(): Zxid {
    return this.#delivered;
  }

  /** The state as it is now, for somebody to go on with. */
  copy(): Objects {
    const copy = new Objects();
    copy.load(this.state.save());
    return copy;
  }

  /** A name for what a client asks for here. */
  nextRequest(): Origin {
    return { ...this.#self, number: ++this.#requests };
  }

  /** What a request gave, once it is delivered here. */
  outcome(origin: Origin): Promise<unknown> {
    const outcome = new Promise((resolve, reject) => this.#clients.set(nameOf(origin), { resolve, reject }));
    // Whoever asked may be gone by the time that it is given up.
    outcome.catch(() => {});
    return outcome;
  }

  reached(upTo: Zxid): Promise<void> {
    if (!after(upTo, this.#delivered)) return Promise.resolve();
    return new Promise((wake) => this.#readers.push({ upTo, wake }));
  }

  /** Whether everything up to there is delivered now: what the history lacks cannot be. */
  deliver(upTo: Zxid): boolean {
    if (!after(upTo, this.#delivered)) return true;
    const to = lengthTo(this.#history, upTo);
    if (to === undefined) return false;
    for (const txn of this.#history.txns.slice(lengthTo(this.#history, this.#delivered), to)) {
      const result = this.state.apply(txn.change);
      this.#delivered = txn.zxid;
      this.#see({ what: 'delivered', txn });
      this.#answer(txn.request, txn.swapped ?? result);
    }
    this.#wake();
    if (to >= SNAPSHOT_TXNS) this.#history.compact(this.#delivered, this.state.save());
    return true;
  }

  /** The history has become the leader’s: where that is a later state than was delivered here, begin with it. */
  follow(): void {
    if (lengthTo(this.#history, this.#delivered) !== undefined) return;
    const { zxid, state } = this.#history.base;
    this.state.load(state);
    this.#delivered = zxid;
    this.#see({ what: 'took over', upTo: zxid });
    this.#wake();
  }

  /** Nobody knows what will become of what clients still wait for. */
  giveUp(): void {
    for (const { reject } of this.#clients.values()) reject(new Unreachable('the leader was lost meanwhile'));
    this.#clients.clear();
  }

  #answer(origin: Origin, result: unknown): void {
    const name = nameOf(origin);
    this.#clients.get(name)?.resolve(result);
    this.#clients.delete(name);
  }

  #wake(): void {
    const ready = this.#readers.filter(({ upTo }) => !after(upTo, this.#delivered));
    if (ready.length === 0) return;
    this.#readers = this.#readers.filter((reader) => !ready.includes(reader));
    for (const { wake } of ready) wake();
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const nameOf = ({ node, life, number }: Origin): string => `${node} ${life} ${number}`;
