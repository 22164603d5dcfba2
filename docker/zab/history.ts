import type { Disk, DurableList } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { NOTHING, same, type Held, type Snapshot, type Sync, type Txn, type Zxid } from './messages.ts';

/**
 * What a node has accepted: the state after some transaction, and the transactions since.
 *
 * ```
 *   … (1,7) │ (1,8) (1,9) (3,1) (3,2)
 *   base    │ items of a list on the disk
 * ```
 *
 * A number names one transaction, and whatever comes before it: two histories that both have it are the same up to there.
 * A new base also begins a new list, and the record that holds the base names the list: so the two change together,
 * whatever a crash leaves of the journal. There are two lists, and they take turns.
 */
export class History implements Held {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;
  #kept: Kept;
  #list: DurableList<Txn>;

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
    this.#kept = disk.get<Kept>('base') ?? { zxid: NOTHING, state: null, list: 0 };
    this.#list = disk.list(`history ${this.#kept.list}`);
  }

  get base(): Snapshot {
    return { zxid: this.#kept.zxid, state: this.#kept.state };
  }

  get txns(): readonly Txn[] {
    return this.#list.items;
  }

  get last(): Zxid {
    return this.#list.items.at(-1)?.zxid ?? this.#kept.zxid;
  }

  append(txn: Txn): void {
    this.#list.push(txn);
  }

  /** Become what the leader has. What came after the last that both have was never committed, and goes. */
  adopt(sync: Sync): void {
    if ('base' in sync) return this.#replace(sync.base, sync.txns);
    const length = lengthTo(this, sync.after);
    if (length === undefined) throw new RangeError(`there is no ${sync.after.join()} here to go on from`);
    if (this.#bug !== 'no-truncate') this.#list.truncate(length);
    this.#list.push(...sync.txns);
  }

  /** Let a state stand in for the transactions up to one of them. */
  compact(zxid: Zxid, state: unknown): void {
    this.#replace({ zxid, state }, this.txns.slice(lengthTo(this, zxid)));
  }

  #replace(base: Snapshot, txns: readonly Txn[]): void {
    const list = 1 - this.#kept.list;
    const next = this.#disk.list<Txn>(`history ${list}`);
    next.truncate(0);
    next.push(...txns);
    this.#kept = { ...base, list };
    this.#disk.set('base', this.#kept);
    this.#list.truncate(0);
    this.#list = next;
  }
}

interface Kept extends Snapshot {
  readonly list: number;
}

/** How many transactions after the base come up to and with this one; undefined where it is not there. */
export function lengthTo({ base, txns }: Held, zxid: Zxid): number | undefined {
  if (same(zxid, base.zxid)) return 0;
  const found = txns.findLastIndex((txn) => same(txn.zxid, zxid));
  return found < 0 ? undefined : found + 1;
}

/** What whoever has accepted `theirs` has to be sent to have `ours`: ZooKeeper’s DIFF and TRUNC in one, or its SNAP. */
export function syncFor(theirs: Held, ours: Held): Sync {
  const numbers = [theirs.base.zxid, ...theirs.txns.map(({ zxid }) => zxid)];
  const after = numbers.findLast((zxid) => lengthTo(ours, zxid) !== undefined);
  if (after === undefined) return { base: ours.base, txns: ours.txns };
  return { after, txns: ours.txns.slice(lengthTo(ours, after)) };
}
