import type { Anomaly, Monitor } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import { apart, at, on, they, who } from '../words.ts';
import { FollowingMonitor } from './following.ts';
import { nameOf, type Follower, type Seen } from './seen.ts';
import { violation } from './words.ts';

/** Watches for ids that are given twice. Every id that was given has to be remembered: it may be given again at any time. */
export function idsMonitor(operation: string): Monitor {
  return new FollowingMonitor({
    checker: 'unique ids',
    promise: 'unique ids',
    algorithm: 'ids given',
    byKey: false,
    follow: () => new IdsFollower(operation),
  });
}

/** Who was given an id, and when. */
type Given = Pick<Seen, 'id' | 'process' | 'callTime'>;

class IdsFollower implements Follower {
  readonly undecided = undefined;
  readonly #operation: string;
  readonly #holders = new Map<Key | undefined, Map<unknown, Given>>();
  #given = 0;

  constructor(operation: string) {
    this.#operation = operation;
  }

  get remembered(): number {
    return this.#given;
  }

  get open(): string | undefined {
    return this.#given < 2
      ? `${this.#given === 0 ? 'nobody was' : 'only one client was'} given an id, so nothing could have shown`
      : undefined;
  }

  called(): undefined {}

  ended(op: Seen): Anomaly | undefined {
    const { f, key, outcome, output, id, process, callTime } = op;
    if (f !== this.#operation || outcome !== 'ok' || output === undefined) return undefined;
    this.#given++;
    const name = nameOf(output);
    let ids = this.#holders.get(key);
    if (!ids) this.#holders.set(key, (ids = new Map()));
    const first = ids.get(name);
    ids.set(name, first ?? { id, process, callTime });
    return first && duplicate(first, op);
  }
}

function duplicate(first: Given, op: Seen): Anomaly {
  const ago = apart(op.callTime - first.callTime, 'earlier');
  return violation(
    'duplicate id',
    op.key,
    [first, op],
    `${who(op)} asked${on(op)}${at(op.callTime)} and was given ${print(op.output)}, as ${they(first)} had been who asked ${ago}.`,
  );
}
