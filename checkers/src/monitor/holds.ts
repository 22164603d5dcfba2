import type { Anomaly } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import { at, on, they, who } from '../words.ts';
import type { Follower, Seen } from './seen.ts';
import { violation } from './words.ts';

/** How much of a lock there is: a mutex has no owner, a lock knows its holder and hands out tokens that grow. */
export type LockKind = 'mutex' | 'lock';

/**
 * # A lock, by who certainly holds it
 *
 * ```
 * client 1  |─ acquire ─|░░░░░░░░░░░|─ release ─|
 * client 2                   |─ acquire ─|✗
 * ```
 *
 * A client that has acquired holds the lock at least until it calls release. Two who do so at once are a violation; and
 * since whatever does not overlap can be put in order, there is no other, as long as clients release only what they hold.
 * (Then it does not matter whether the lock knows its holder: of all clients at most one has acquired more often than it has
 * released.) A mutex can be released by others, and one that is leaves nothing certain.
 *
 * Tokens grow in the order of holds. Whoever is handed one that is not above all that were handed out before would have had to
 * release before it acquired.
 *
 * An acquire that was refused shows that somebody held the lock meanwhile: one of those who held it for certain, or whose
 * acquire had been called by then and is granted next.
 */
export class HoldFollower implements Follower {
  undecided: string | undefined;
  readonly #key: Key | undefined;
  readonly #kind: LockKind;
  /** By client: those who may hold it, as far as is known. */
  readonly #holds = new Map<number, Hold>();
  /** Open acquires, and whether somebody may have held the lock since each was called. */
  readonly #acquiring = new Map<Seen, { held: boolean }>();
  /** Clients whose acquire ended nobody knows how. One of them may be granted after all, and then for ever. */
  readonly #crashed = new Set<number>();
  #waiting: Refused[] = [];
  #last: Seen | undefined;

  constructor(key: Key | undefined, kind: LockKind) {
    this.#key = key;
    this.#kind = kind;
  }

  get remembered(): number {
    return this.#holds.size + this.#acquiring.size + this.#crashed.size + this.#waiting.length;
  }

  called(op: Seen): undefined {
    const hold = this.#holds.get(op.process);
    if (this.#crashed.has(op.process))
      this.undecided = `${they(op)} goes on after an acquire of unknown outcome`;
    else if (op.f === 'acquire') this.#acquiring.set(op, { held: this.#holds.size > 0 });
    else if (op.f !== 'release') this.undecided = `${op.f} is not an operation of a ${this.#kind}`;
    else if (hold && !hold.release) op.note = Object.assign(hold, { release: op });
    else if (this.#kind === 'mutex') this.undecided = `${they(op)} releases what it does not hold`;
  }

  ended(op: Seen): Anomaly | undefined {
    return op.f === 'acquire' ? this.#acquireEnded(op) : this.#releaseEnded(op);
  }

  #acquireEnded(op: Seen): Anomaly | undefined {
    const held = this.#acquiring.get(op)?.held;
    this.#acquiring.delete(op);
    if (op.outcome === 'ok' && op.output !== false) return this.#granted(op);
    if (op.outcome === 'info') this.#crashed.add(op.process);
    for (const waiting of this.#waiting) {
      if (!waiting.by.delete(op)) continue;
      if (op.outcome === 'info') waiting.forCrashed = true;
      else if (isHopeless(waiting)) return this.#refusedInVain(waiting.op);
    }
    return op.outcome === 'ok' && !held ? this.#refused(op) : undefined;
  }

  #granted(op: Seen): Anomaly | undefined {
    for (const { acquired, release } of this.#holds.values())
      if (!release) return this.#overlap(acquired, op);
    if (this.#kind === 'lock' && typeof op.output === 'number') {
      if (this.#last && op.output <= (this.#last.output as number)) return this.#token(this.#last, op);
      this.#last = op;
    }
    // Whoever was refused while this one was open may have been so for it; whoever was refused for another, in vain.
    const wrong = this.#waiting.find(({ by }) => !by.has(op));
    if (wrong) return this.#refusedInVain(wrong.op, op);
    this.#waiting = [];
    for (const each of this.#acquiring.values()) each.held = true;
    for (const hold of this.#holds.values()) hold.followedBy = op;
    this.#holds.clear();
    this.#holds.set(op.process, { acquired: op, release: undefined, followedBy: undefined });
    return undefined;
  }

  #refused(op: Seen): Anomaly | undefined {
    const waiting = { op, by: new Set(this.#acquiring.keys()), forCrashed: this.#crashed.size > 0 };
    if (isHopeless(waiting)) return this.#refusedInVain(op);
    // Those that wait for the same thing stand and fall together.
    if (waiting.by.size > 0 || !this.#waiting.some(({ by }) => by.size === 0)) this.#waiting.push(waiting);
    return undefined;
  }

  #releaseEnded(op: Seen): Anomaly | undefined {
    const hold = op.note as Hold | undefined;
    op.note = undefined;
    const refused = op.output === false;
    if (!hold) return op.outcome === 'ok' && !refused ? this.#notHeld(op) : undefined;
    if (op.outcome === 'ok' && refused) return this.#refusedToHolder(hold.acquired, op);
    if (op.outcome === 'ok' && !hold.followedBy) this.#holds.delete(op.process);
    if (op.outcome !== 'fail') return undefined;
    if (hold.followedBy) return this.#overlap(hold.acquired, hold.followedBy, op);
    hold.release = undefined;
    return undefined;
  }

  #overlap(first: Seen, second: Seen, release?: Seen): Anomaly {
    const how = release ? `, whose release was rejected` : '';
    return violation(
      'mutual exclusion',
      this.#key,
      [first, second, release],
      `${who(second)} acquired${on(second)}${at(second.returnTime)} although ${they(first)}, which had acquired it${at(first.returnTime)}, had not released it${how}.`,
    );
  }

  #token(before: Seen, op: Seen): Anomaly {
    return violation(
      'fencing token',
      this.#key,
      [before, op],
      `${who(op)} acquired${on(op)}${at(op.returnTime)} with token ${print(op.output)}, although ${they(before)} had been handed ${print(before.output)}${at(before.returnTime)}.`,
    );
  }

  #refusedInVain(op: Seen, next?: Seen): Anomaly {
    const then = next ? `, and the next to hold it asked only later` : '';
    return violation(
      'refused in vain',
      this.#key,
      [op, next],
      `${who(op)} was refused${on(op)}${at(op.returnTime)} although nobody can have held it since ${at(op.callTime).slice(4) || 'it asked'}${then}.`,
    );
  }

  #refusedToHolder(acquired: Seen, op: Seen): Anomaly {
    return violation(
      'refused in vain',
      this.#key,
      [acquired, op],
      `${who(op)} was not allowed to release${on(op)}${at(op.returnTime)} although it had acquired it${at(acquired.returnTime)}.`,
    );
  }

  #notHeld(op: Seen): Anomaly {
    return violation(
      'released by another',
      this.#key,
      [op],
      `${who(op)} released${on(op)}${at(op.returnTime)} what it did not hold.`,
    );
  }
}

/** A lock that was granted, and has not been released for certain. */
interface Hold {
  readonly acquired: Seen;
  /** Once it has been called. */
  release: Seen | undefined;
  /** Who was granted the lock next. */
  followedBy: Seen | undefined;
}

/** An acquire that was refused although nobody held the lock for certain. */
interface Refused {
  readonly op: Seen;
  /** Acquires that were open then, and still are: one of them may have been granted by then. */
  readonly by: Set<Seen>;
  /** Whether one of those that crashed may have been. */
  forCrashed: boolean;
}

function isHopeless({ by, forCrashed }: Refused): boolean {
  return by.size === 0 && !forCrashed;
}
