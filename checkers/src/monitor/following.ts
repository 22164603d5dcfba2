import type { Anomaly, Monitor, Verdict } from '../checker.ts';
import type { HistoryEvent, Key, Mark } from '../history.ts';
import { Pairing } from './pairing.ts';
import { unseen, type Follower, type Seen } from './seen.ts';

/** What is being watched for, and how. */
export interface Watch {
  /** The name of the checker that judges it afterwards, and the promise that a violation breaks. */
  readonly checker: string;
  readonly promise: string;
  readonly model?: string;
  readonly algorithm: string;
  /** Whether keys are followed apart. */
  readonly byKey: boolean;
  follow(key: Key | undefined): Follower;
}

/** Gives every object a follower of its own, and lets go of it when it has found something or can say no more. */
export class FollowingMonitor implements Monitor {
  readonly #watch: Watch;
  readonly #pairing = new Pairing();
  readonly #followers = new Map<Key | undefined, Follower | undefined>();
  readonly #anomalies: Anomaly[] = [];
  readonly #undecided = new Map<Key | undefined, string>();
  readonly #forsaken = (op: Seen): void => void this.#ended(op);

  constructor(watch: Watch) {
    this.#watch = watch;
    // What is followed as a whole may need to have seen something before it can say anything.
    if (!watch.byKey) this.#followers.set(undefined, watch.follow(undefined));
  }

  get remembered(): number {
    let sum = 0;
    for (const follower of this.#followers.values()) sum += follower?.remembered ?? 0;
    return sum;
  }

  observe(event: HistoryEvent | Mark, operation?: number): Anomaly | undefined {
    if (event.type === 'mark') return undefined;
    if (event.type === 'invoke') return this.#called(event, operation);
    const op = this.#pairing.ended(event);
    if (!op) return undefined;
    const anomaly = this.#ended(op);
    op.isOpen = false;
    return anomaly;
  }

  #called(event: HistoryEvent, operation?: number): Anomaly | undefined {
    const at = this.#watch.byKey ? event.key : undefined;
    let follower = this.#followers.get(at);
    if (!follower && !this.#followers.has(at)) this.#followers.set(at, (follower = this.#watch.follow(at)));
    const op = this.#pairing.called(event, this.#forsaken, follower?.fresh ?? unseen, operation);
    // What it did before without an end may have been the last that there was to say.
    follower = this.#followers.get(at);
    if (!follower) return undefined;
    const anomaly = follower.called(op);
    if (anomaly || follower.undecided !== undefined) this.#letGo(at, follower, anomaly);
    return anomaly;
  }

  #ended(op: Seen): Anomaly | undefined {
    const at = this.#watch.byKey ? op.key : undefined;
    const follower = this.#followers.get(at);
    if (!follower) return undefined;
    const anomaly = follower.ended(op);
    if (anomaly || follower.undecided !== undefined) this.#letGo(at, follower, anomaly);
    return anomaly;
  }

  #letGo(at: Key | undefined, { undecided }: Follower, anomaly: Anomaly | undefined): void {
    this.#followers.set(at, undefined);
    if (anomaly) this.#anomalies.push(anomaly);
    else this.#undecided.set(at, undecided as string);
  }

  verdict(): Verdict {
    const { checker, promise, model, algorithm, byKey } = this.#watch;
    const undecided = new Map(this.#undecided);
    for (const [at, follower] of this.#followers)
      if (follower?.open !== undefined) undecided.set(at, follower.open);
    const [first] = undecided;
    const valid = this.#anomalies.length > 0 ? false : first ? 'unknown' : true;
    return {
      checker,
      valid,
      ...(valid === 'unknown' &&
        first && {
          because: `${first[1]}${first[0] === undefined ? '' : ` on key ${first[0]}`}; check the history when it is complete`,
        }),
      ...(valid === false && { disproves: [promise] }),
      anomalies: [...this.#anomalies],
      facts: {
        ...(model !== undefined && { model }),
        algorithm: `${algorithm}, as events came`,
        operations: this.#pairing.operations,
        ...(byKey && {
          keys: this.#followers.size,
          'keys violated': this.#anomalies.length,
          'keys undecided': undecided.size,
        }),
        remembered: this.remembered,
      },
    };
  }
}
