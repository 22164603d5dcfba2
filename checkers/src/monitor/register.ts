import type { Anomaly } from '../checker.ts';
import type { Key } from '../history.ts';
import type { RegisterMove } from '../model.ts';
import { print } from '../models/print.ts';
import { at, placed, they, who } from '../words.ts';
import { Bag } from './bag.ts';
import { ByName } from './by-name.ts';
import {
  begin,
  BLIND,
  noChain,
  noCluster,
  operationsOf,
  replacedAt,
  write,
  type Chain,
  type Cluster,
} from './clusters.ts';
import { canBeForgotten, concerned, findOrder, isSettled, type Doubt } from './doubts.ts';
import { Pool } from './pool.ts';
import { nameOf, unseen, type Follower, type Seen } from './seen.ts';
import { earlier, saw, violation } from './words.ts';

/** Clusters are looked through for some to forget when there are this many, or twice as many as were left. */
const FEW = 32;
/** Refused compare-and-sets without a certain place, and clusters, are weighed against each other up to here. */
const MOST_DOUBTS = 64;
const MOST_CLUSTERS = 512;

/**
 * # A register, by zones that grow
 *
 * One register whose values are written once, followed by zones (see `linearizable/register/zones.ts`) as they grow:
 * with an operation that ends, its cluster's first return or last call may change, and with that the chain's; then it is
 * compared with all others that are remembered. A chain is forgotten once another certainly came after it and was
 * certainly there before any operation that is still open, and looks, was called; and a value within a chain once what
 * came after it was. Whoever still sees it has seen something stale, and that is known without knowing it.
 *
 * ```
 * |─ write v ─|   |─ write u ─|      |─ read …
 *       first return of v < last call of u
 *                     first return of u < call of the oldest open read
 * ```
 *
 * A value that is written again while it is remembered could have been seen from either, and nothing more is said. One
 * that is written again after it was forgotten is a new value: nobody who is still open can have seen the old one.
 *
 * A compare-and-set that was refused says that the value was another at some moment. Mostly that is certain at once.
 * Where it is not, the refusal is kept, with what is there, and orders are looked for each time something ends.
 */
export class RegisterFollower implements Follower {
  undecided: string | undefined;
  readonly #key: Key | undefined;
  readonly #moves: Readonly<Record<string, RegisterMove | undefined>>;
  readonly #initial: Cluster;
  readonly #clusters = new ByName<Cluster>();
  /** Those that are certain to have been there: the others cannot contradict anything yet. */
  readonly #settled = new Bag<Cluster>();
  readonly #chains = new Bag<Chain>();
  /** Open operations that see the value, in order of call. */
  readonly #looking = new Bag<Seen>();
  #doubts: Doubt[] = [];
  /** The chain of which the last step has told something new; `true` if it left less that can have been there. */
  #told: Chain | true | undefined;
  #tidyAt = FEW;
  readonly #seen = new Pool(unseen);
  readonly #unused = { clusters: new Pool(noCluster), chains: new Pool(noChain) };
  #round = 0;

  constructor(
    key: Key | undefined,
    moves: Readonly<Record<string, RegisterMove | undefined>>,
    initial: unknown,
  ) {
    this.#key = key;
    this.#moves = moves;
    this.#initial = write(noCluster(), initial, undefined, BLIND);
    this.#initial.chain = begin(noChain(), -1, undefined);
    this.#clusters.set(nameOf(initial), this.#initial);
    this.#settled.add(this.#initial);
    this.#chains.add(this.#initial.chain);
  }

  get remembered(): number {
    return this.#clusters.size;
  }

  readonly fresh = (): Seen => {
    if (this.#seen.isFull) this.#sweep();
    return this.#seen.take();
  };

  called(op: Seen): undefined {
    const move = this.#moves[op.f];
    if (move === 'read') this.#looking.add(op);
    else if (move === 'write') this.#claim(op, op.input, BLIND);
    else if (move !== 'cas') this.undecided = `${op.f} is not an operation of a register`;
    else if (!Array.isArray(op.input) || op.input.length !== 2)
      this.undecided = `${op.f} was called with ${print(op.input)} instead of two values`;
    else {
      const [from, to] = op.input as readonly unknown[];
      this.#looking.add(op);
      this.#claim(op, to, nameOf(from));
    }
  }

  #claim(op: Seen, value: unknown, from: unknown): void {
    const name = nameOf(value);
    if (this.#clusters.has(name)) {
      this.undecided = `${print(value)} was written twice`;
      return;
    }
    const made = write(this.#unused.clusters.take(), value, op, from);
    op.note = made;
    this.#clusters.set(name, made);
  }

  ended(op: Seen): Anomaly | undefined {
    const made = op.note as Cluster | undefined;
    const swaps = made !== undefined && made.from !== BLIND;
    if (!made || swaps) this.#looking.remove(op);
    op.note = undefined;
    const refused = swaps && op.outcome === 'ok' && op.output === false;
    this.#told = undefined;
    let anomaly: Anomaly | undefined;
    if (op.outcome === 'ok' && !refused) anomaly = made ? this.#happened(op, made) : this.#read(op);
    else if (op.outcome !== 'info' && made) anomaly = this.#neverHappened(op, made);
    if (refused && !anomaly) this.#doubt(op, made);
    if (this.#doubts.length > 0 && this.#told) anomaly ??= this.#weigh(op);
    if (!anomaly && this.#settled.size >= this.#tidyAt) this.#tidy(op);
    return anomaly;
  }

  #neverHappened(op: Seen, made: Cluster): Anomaly | undefined {
    if (!made.chain) {
      this.#told = true;
      this.#clusters.delete(nameOf(made.value));
      return undefined;
    }
    const by = (made.first ?? made.after?.writer) as Seen;
    const how = op.outcome === 'fail' ? 'rejected' : 'refused';
    return this.#violation(
      'aborted read',
      [op, by],
      `${saw(by, made.value)}, but the ${op.f} of it was ${how}.`,
    );
  }

  #happened(op: Seen, made: Cluster): Anomaly | undefined {
    if (made.chain) return undefined;
    made.first = op;
    return this.#settle(made, op);
  }

  #read(op: Seen): Anomaly | undefined {
    const seen = this.#clusters.get(nameOf(op.output));
    if (!seen) return this.#forgotten(op, op.output, [op]);
    seen.first ??= op;
    if (!seen.last || op.call > seen.last.call) seen.last = op;
    const { chain } = seen;
    if (!chain) return this.#settle(seen, op);
    if (op.call > replacedAt(seen)) return this.#replaced(op, seen);
    if (op.call <= chain.lastCall) return undefined;
    this.#told = chain;
    chain.lastCall = op.call;
    chain.last = op;
    return this.#compare(seen);
  }

  /**
   * A value is certainly there from now on, at the latest; and with it the one that a compare-and-set replaced by it, and
   * so on, up to one that was there already or that was written blindly.
   */
  #settle(newest: Cluster, by: Seen): Anomaly | undefined {
    const fresh = [newest];
    let joined: Chain | undefined;
    let last = by;
    for (let head = newest; !joined;) {
      const writer = head.writer as Seen;
      if (writer.call > last.call) last = writer;
      if (head.from === BLIND) break;
      const before = this.#clusters.get(head.from);
      const [expected] = writer.input as readonly unknown[];
      if (!before) return this.#forgotten(writer, expected, [by, ...operationsOf(fresh)]);
      if (before === newest) return this.#circular(fresh, by);
      if (before.after) return this.#lostUpdate(before, head, by);
      before.after = head;
      before.replacedBy = by;
      head.before = before;
      joined = before.chain;
      if (!joined) fresh.push(before);
      head = before;
    }
    const { writer } = fresh.at(-1) as Cluster;
    const chain = joined ?? begin(this.#unused.chains.take(), (writer as Seen).call, by);
    for (const each of fresh) {
      each.chain = chain;
      this.#settled.add(each);
    }
    this.#told = chain;
    if (!joined) this.#chains.add(chain);
    if (last.call <= chain.lastCall) return undefined;
    chain.lastCall = last.call;
    chain.last = last;
    return this.#compare(newest);
  }

  /** After the last call of a chain has become later: whether another now has to come before it, and after it. */
  #compare(seen: Cluster): Anomaly | undefined {
    const chain = seen.chain as Chain;
    for (let i = 0; i < this.#chains.size; i++) {
      const other = this.#chains.at(i);
      if (other !== chain && chain.firstReturn < other.lastCall && other.firstReturn < chain.lastCall)
        return this.#overlap(seen, chain, other);
    }
    return undefined;
  }

  /** Keeps a refusal, unless what it expected is not there, nor can be any more. */
  #doubt(op: Seen, { from }: Cluster): void {
    const expected = this.#clusters.get(from);
    if (expected) this.#doubts.push({ op, expected });
  }

  #weigh(op: Seen): Anomaly | undefined {
    const oldest = this.#oldest(op);
    const all = this.#clusters;
    const chains = this.#chains.list();
    this.#doubts = this.#doubts.filter((doubt) => !isSettled(doubt, chains, oldest));
    if (this.#doubts.length === 0) return undefined;
    const settled = this.#settled.list();
    const known = canBeForgotten(all, settled, chains, this.#initial, this.#doubts, oldest);
    if (known) this.#doubts = this.#doubts.filter((doubt) => !known.has(doubt));
    const doubts = this.#doubts.length;
    if (doubts === 0) return undefined;
    const part = concerned(all.values(), chains, this.#doubts);
    if (this.#told !== true && !part.some(({ chain }) => chain === this.#told)) return undefined;
    const found =
      doubts > MOST_DOUBTS || all.size > MOST_CLUSTERS
        ? 'unknown'
        : findOrder(part, all, this.#initial, this.#doubts, op.return === Infinity ? op.call : op.return);
    if (found === true) return undefined;
    if (found === 'unknown') {
      this.undecided = `${doubts} compare-and-sets were refused of which it is not certain that they had to be`;
      return undefined;
    }
    const refused = found.findLast(({ output }) => output === false) ?? op;
    const [expected] = refused.input as readonly unknown[];
    return this.#violation(
      'refused in vain',
      found,
      `${who(refused)}’s ${refused.f} of ${print(expected)}${placed(refused, 'on')}${at(refused.callTime)} was refused, but no order of these operations leaves anything else there meanwhile.`,
    );
  }

  /** When the oldest operation that is open, and looks, was called. */
  #oldest(now: Seen): number {
    if (this.#looking.size > 0) return this.#looking.at(0).call;
    return now.return === Infinity ? now.call : now.return;
  }

  #tidy(op: Seen): void {
    let oldest = this.#oldest(op);
    for (const doubt of this.#doubts) oldest = Math.min(oldest, doubt.op.call);
    // The two latest calls among chains that were there by then: the latest of another is one of them.
    let latest = -Infinity;
    let second = -Infinity;
    for (let i = 0; i < this.#chains.size; i++) {
      const { firstReturn, lastCall } = this.#chains.at(i);
      if (firstReturn >= oldest) continue;
      if (lastCall > latest) {
        second = latest;
        latest = lastCall;
      } else if (lastCall > second) second = lastCall;
    }
    this.#chains.keep((chain) => {
      const ofAnother = chain.firstReturn < oldest && chain.lastCall === latest ? second : latest;
      chain.over = chain.firstReturn < ofAnother;
      return !chain.over;
    });
    this.#settled.keep((one) => {
      const chain = one.chain as Chain;
      if (!chain.over && replacedAt(one) >= oldest) return true;
      this.#clusters.delete(nameOf(one.value));
      if (one.writer && (!chain.gone || one.writer.call > chain.gone.call)) chain.gone = one.writer;
      if (one.last && (!chain.gone || one.last.call > chain.gone.call)) chain.gone = one.last;
      if (one.after) one.after.before = undefined;
      return false;
    });
    this.#tidyAt = Math.max(FEW, 2 * this.#settled.size);
  }

  /** Takes back whatever nothing leads to any more from what is remembered, or from an operation that is open. */
  #sweep(): void {
    this.#round++;
    this.#need(this.#initial);
    this.#clusters.each((one) => this.#need(one));
    for (let i = 0; i < this.#settled.size; i++) this.#need(this.#settled.at(i));
    for (let i = 0; i < this.#chains.size; i++) this.#needChain(this.#chains.at(i));
    for (let i = 0; i < this.#looking.size; i++) this.#needSeen(this.#looking.at(i));
    for (const { op, expected } of this.#doubts) {
      this.#needSeen(op);
      this.#need(expected);
    }
    this.#seen.each((op) => {
      if (!op.isOpen) return;
      this.#needSeen(op);
      if (op.note) this.#need(op.note as Cluster);
    });
    this.#seen.sweep(this.#round);
    this.#unused.clusters.sweep(this.#round);
    this.#unused.chains.sweep(this.#round);
  }

  /** A cluster, and those before and behind it in its chain. */
  #need(cluster: Cluster): void {
    for (let one: Cluster | undefined = cluster; one && one.mark !== this.#round; one = one.before)
      this.#needAlone(one);
    for (let one = cluster.after; one && one.mark !== this.#round; one = one.after) this.#needAlone(one);
  }

  #needAlone(one: Cluster): void {
    one.mark = this.#round;
    this.#needSeen(one.writer);
    this.#needSeen(one.first);
    this.#needSeen(one.last);
    this.#needSeen(one.replacedBy);
    if (one.chain) this.#needChain(one.chain);
  }

  #needChain(chain: Chain): void {
    if (chain.mark === this.#round) return;
    chain.mark = this.#round;
    this.#needSeen(chain.first);
    this.#needSeen(chain.last);
    this.#needSeen(chain.gone);
  }

  #needSeen(op: Seen | undefined): void {
    if (op) op.mark = this.#round;
  }

  #forgotten(op: Seen, value: unknown, shown: readonly Seen[]): Anomaly {
    const newer = this.#chains.list().findLast(({ firstReturn }) => firstReturn < op.call);
    return this.#violation('stale read', [newer?.first, ...shown], `${saw(op, value)}, ${LONG_BEFORE}`);
  }

  #replaced(op: Seen, seen: Cluster): Anomaly {
    const by = seen.replacedBy as Seen;
    const between = [seen];
    for (let one = seen.after; one; one = one.after) {
      between.push(one);
      if (one.first === by || one.writer === by) break;
    }
    return this.#violation(
      'stale read',
      operationsOf(between),
      `${saw(op, seen.value)}, although ${this.#had(by, op)}.`,
    );
  }

  #overlap(seen: Cluster, chain: Chain, other: Chain): Anomaly {
    const op = chain.last as Seen;
    const by = other.first as Seen;
    const found = this.#moves[op.f] === 'write' ? seen.value : this.#found(op);
    const shown = this.#settled.list().filter((one) => one.chain === chain || one.chain === other);
    return this.#violation(
      'stale read',
      operationsOf(shown.filter((one) => isShown(one))),
      `${saw(op, found)}, although ${this.#had(by, op)}.`,
    );
    function isShown({ writer, first, last }: Cluster): boolean {
      return [chain, other].some((each) =>
        [each.first, each.last].some((end) => end && (end === writer || end === first || end === last)),
      );
    }
  }

  #lostUpdate(before: Cluster, head: Cluster, by: Seen): Anomaly {
    const after = before.after as Cluster;
    const [one, two] = [after.writer, head.writer] as readonly [Seen, Seen];
    return this.#violation(
      'lost update',
      [by, ...operationsOf([after, head])],
      `${who(one)} and ${they(two)} both replaced ${print(before.value)}${placed(one, 'on')}, by ${print(after.value)} and ${print(head.value)}, though it was written only once.`,
    );
  }

  #circular(swaps: readonly Cluster[], by: Seen): Anomaly {
    return this.#violation(
      'circular',
      [by, ...operationsOf(swaps)],
      `Each of ${swaps.map(({ value }) => print(value)).join(', ')}${placed(by, 'on')} was put in the place of another of them, and none of them was there before.`,
    );
  }

  /** What was found or left by somebody before. */
  #had(by: Seen, op: Seen): string {
    const when = earlier(op, by);
    return this.#moves[by.f] === 'read'
      ? `${they(by)} had already read ${print(by.output)} ${when}`
      : `${they(by)}’s ${by.f} of ${print(by.input)} had completed ${when}`;
  }

  #found({ f, input, output }: Seen): unknown {
    return this.#moves[f] === 'read' ? output : (input as readonly unknown[])[0];
  }

  #left({ f, input }: Seen): unknown {
    const move = this.#moves[f];
    return move === 'read' ? undefined : move === 'cas' ? (input as readonly unknown[])[1] : input;
  }

  #violation(kind: string, shown: Iterable<Seen | undefined>, explanation: string): Anomaly {
    const seen = [...shown].filter((op) => op !== undefined);
    const left = new Set([nameOf(this.#initial.value), ...seen.map((op) => nameOf(this.#left(op)))]);
    const lacks = seen.some((op) => this.#moves[op.f] !== 'write' && !left.has(nameOf(this.#found(op))));
    return violation(
      kind,
      this.#key,
      seen,
      `${explanation}${lacks && !explanation.endsWith(LONG_BEFORE) ? ` ${FORGOTTEN}` : ''}`,
    );
  }
}

const LONG_BEFORE = 'a value that nobody had written, or that had been overwritten long before.';
const FORGOTTEN = '(What was there before has been forgotten; check the history when it is complete.)';
