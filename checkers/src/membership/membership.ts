import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import { grouped } from '../grouped.ts';
import { histogram, quantiles } from '../histogram.ts';
import type { History, Operation, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { stopped } from '../stopped.ts';
import { anyHistory } from '../table/table.ts';
import { at, lasting } from '../words.ts';

export interface MembershipOptions {
  /** How many milliseconds it may take until everybody knows that a member fell silent, or that it is back. Default 5000. */
  readonly withinMs?: number;
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;

/**
 * Group membership with a failure detector (Chandra & Toueg 1996; Das, Gupta & Motivala 2002). `silence ms` makes the node
 * that is asked fall silent towards all others for so long, as if it had died; `members` asks a node whom it believes to be
 * there; `settled` asks the same once every fault is healed, and has to be right:
 *
 * ```
 *   n3   silence 6000 |─|═══════════ silent ═══════════|              W is how long anybody may take to notice
 *   n1        ◂── W ──▸        |─ settled: n1 n2 ─|                   completeness: n3 is missed by now
 *   n2                         |─ settled: n1 n2 n3 ─|                undetected failure
 *   n1                                              ◂── W ──▸  |─ settled: n1 n2 ─|      missing member: n3 is long back
 * ```
 *
 * When exactly between its call and return a silence began nobody knows, and one of unknown outcome may begin whenever: a
 * read is wrong only if it is wrong however that was. How soon deaths were noticed, and how often somebody who answered
 * clients was taken for dead, is measured from all reads, and proves nothing. In time proportional to reads times nodes,
 * but for a logarithm of the silences.
 */
export function membership<Ops extends Operations = Operations>({
  withinMs = 5000,
}: MembershipOptions = {}): Checker<Ops> {
  if (!(withinMs >= 0)) throw new RangeError(`withinMs is a number of milliseconds from 0, not ${withinMs}`);
  return {
    name: 'membership',
    check: (history, context) => check(anyHistory(history), withinMs * 1e6, context),
  };
}

/** In nanoseconds. It begins between `call` and `return`, and lasts. */
interface Silence {
  readonly id: number;
  readonly call: number;
  readonly return: number;
  readonly lasting: number;
}

/** All silences of one node, in order of call, and for each by when it and those before it are certainly over. */
interface Silences {
  readonly all: Silence[];
  readonly over: number[];
}

interface Read {
  readonly operation: Operation;
  readonly node: string;
  readonly members: ReadonlySet<string>;
  readonly from: number;
  readonly to: number;
}

function check(history: History, within: number, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const judged = new Judged(history, within, budget);
  const { anomalies } = judged;
  const done = budget.spent(BYTES_PER_OPERATION * history.length)
    ? undefined
    : untilSpent(budget, () => judged.all());
  const because = done ? (judged.asked > 0 ? undefined : NOBODY_ASKED) : judged.stopped;
  const valid = anomalies.length > 0 ? false : because === undefined ? true : 'unknown';
  // What is only measured can be left out.
  const figures = done && untilSpent(budget, () => measured(judged, history, within, budget));
  return {
    checker: 'membership',
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    ...(valid === false && { disproves: ['membership'] }),
    anomalies,
    facts: { operations: history.length },
    ...figures,
  };
}

const BYTES_PER_OPERATION = 400;
const NOBODY_ASKED =
  'nobody was asked once everything had settled; ask every node when all faults are healed';

/** What has been found out so far. */
class Judged {
  readonly silences: ReadonlyMap<string, Silences>;
  readonly reads: Read[] = [];
  readonly anomalies: Anomaly[] = [];
  /** How often a node was asked about another, after the healing. */
  asked = 0;
  #settled = 0;
  readonly #history: History;
  readonly #within: number;
  readonly #budget: Budget;
  readonly #kinds: Record<string, number> = {};

  constructor(history: History, within: number, budget: Budget) {
    this.#history = history;
    this.#within = within;
    this.#budget = budget;
    this.silences = new Map(history.nodes.map((node) => [node, { all: [], over: [] }]));
  }

  get stopped(): string {
    return stopped({
      limit: this.#budget.because as string,
      after: `${this.reads.length} reads, ${this.#settled} of them after the healing,`,
      proven: this.#settled > 0 ? 'nothing against those' : undefined,
    });
  }

  all(): true {
    this.#collect();
    for (const [i, read] of this.reads.entries()) {
      this.#budget.pass(i);
      if (read.operation.f !== 'settled') continue;
      this.#settle(read);
      this.#settled++;
    }
    return true;
  }

  silencesOf(node: string): Silences {
    return this.silences.get(node) ?? { all: [], over: [] };
  }

  #collect(): void {
    const history = this.#history;
    for (const operation of history) {
      const { id, f, outcome, input, output } = operation;
      this.#budget.pass(id);
      const [from, to] = [history.callTime[id] as number, history.returnTime[id] as number];
      const node = history.nodes[history.node[id] as number];
      if (node === undefined || outcome === 'fail') continue;
      if (f === 'silence') {
        const end = outcome === 'ok' ? to : Infinity;
        this.silencesOf(node).all.push({ id, call: from, return: end, lasting: Number(input) * 1e6 });
      } else if ((f === 'members' || f === 'settled') && outcome === 'ok' && Array.isArray(output))
        this.reads.push({ operation, node, members: new Set(output.map(String)), from, to });
    }
    // Clocks may have gone back.
    for (const { all, over } of this.silences.values()) {
      all.sort((a, b) => a.call - b.call);
      for (const silence of all)
        over.push(Math.max(over.at(-1) ?? -Infinity, silence.return + silence.lasting));
    }
  }

  #settle(read: Read): void {
    const { nodes } = this.#history;
    // Who may have been silent itself could not hear of others.
    if (maybeSilent(this.silencesOf(read.node), read, this.#within)) return;
    for (const node of nodes) {
      const of = this.silencesOf(node);
      const sure = read.members.has(node)
        ? of.all.find((silence) => surelySilent(silence, read, this.#within))
        : undefined;
      const missed = !read.members.has(node) && !maybeSilent(of, read, this.#within);
      this.asked++;
      if (sure) this.#tell('undetected failure', () => undetected(read, node, sure));
      else if (missed) this.#tell('missing member', () => missing(read, node, of.all, this.#within));
    }
    for (const stranger of read.members)
      if (!nodes.includes(stranger)) this.#tell('stranger', () => unheardOf(read, stranger));
  }

  #tell(kind: string, explain: () => Anomaly): void {
    const told = (this.#kinds[kind] ?? 0) + 1;
    this.#kinds[kind] = told;
    if (told <= EXPLAINED) this.anomalies.push(explain());
  }
}

/** For certain silent for all the time that it may take to notice, whenever it began and whenever the answer was given. */
function surelySilent(silence: Silence, { from, to }: Read, within: number): boolean {
  return silence.return <= from - within && to <= silence.call + silence.lasting;
}

/** Whether one that had been called by then may not have been over for long enough. */
function maybeSilent(
  { all, over }: Silences,
  { from, to }: Pick<Read, 'from' | 'to'>,
  within: number,
): boolean {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] as Silence).call <= to) low = middle + 1;
    else high = middle;
  }
  return low > 0 && (over[low - 1] as number) >= from - within;
}

function undetected({ operation, node, from }: Read, silent: string, silence: Silence): Anomaly {
  return {
    kind: 'undetected failure',
    operations: [silence.id, operation.id].toSorted((a, b) => a - b),
    explanation: `${node} took ${silent} for a member${at(from)}, although it had been silent for ${lasting(from - silence.return)}.`,
  };
}

function missing(
  { operation, node, from }: Read,
  missed: string,
  silences: readonly Silence[],
  within: number,
): Anomaly {
  const before = silences.filter((silence) => silence.return + silence.lasting < from - within).at(-1);
  return {
    kind: 'missing member',
    operations: [...(before ? [before.id] : []), operation.id],
    explanation: before
      ? `${node} did not take ${missed} for a member${at(from)}: its last silence ${before.lasting / 1e6} had begun by ${(before.return / 1e9).toFixed(3)} s, and was long over.`
      : `${node} did not take ${missed} for a member${at(from)}, which had not been silent at all.`,
  };
}

function unheardOf({ operation, node, from }: Read, stranger: string): Anomaly {
  return {
    kind: 'stranger',
    operations: [operation.id],
    explanation: `${node} took ${stranger} for a member${at(from)}, and no node is called that.`,
  };
}

/** How long after a silence began each of the others was first seen to miss it, and how often a living one was missed. */
function measured(
  judged: Judged,
  history: History,
  within: number,
  budget: Budget,
): Pick<Verdict, 'facts' | 'histograms'> {
  const { reads, silences } = judged;
  const times: number[] = [];
  let unnoticed = 0;
  const byObserver = grouped(
    reads.toSorted((a, b) => a.from - b.from),
    ({ node }) => node,
  );
  for (const [node, { all }] of silences)
    for (const silence of all)
      for (const [observer, own] of byObserver) {
        budget.pass(0);
        if (observer === node) continue;
        const until = silence.call + silence.lasting;
        let looked = false;
        let noticed: Read | undefined;
        for (let i = firstFrom(own, silence.return); i < own.length && !noticed; i++) {
          const read = own[i] as Read;
          if (read.from > until) break;
          if (read.to > until) continue;
          looked = true;
          if (!read.members.has(node)) noticed = read;
        }
        if (noticed) times.push((noticed.to - silence.call) / 1e6);
        else if (looked) unnoticed++;
      }
  let asked = 0;
  let wrong = 0;
  for (const [i, read] of reads.entries()) {
    budget.pass(i);
    if (maybeSilent(judged.silencesOf(read.node), read, within)) continue;
    for (const node of history.nodes) {
      if (maybeSilent(judged.silencesOf(node), read, within)) continue;
      asked++;
      if (!read.members.has(node)) wrong++;
    }
  }
  return {
    facts: {
      reads: reads.length,
      silences: [...silences.values()].reduce((sum, { all }) => sum + all.length, 0),
      'silences not noticed by somebody while they lasted': unnoticed,
      'living members taken for dead, of 1000': asked === 0 ? 0 : Math.round((wrong / asked) * 10_000) / 10,
      ...quantiles('ms to notice', Float64Array.from(times)),
    },
    histograms: [histogram('ms until a silence was seen to be noticed, of observers', 'ms', times)],
  };
}

/** The place of the first read that began at a time or later, among those of one node, which are in order. */
function firstFrom(reads: readonly Read[], time: number): number {
  let low = 0;
  let high = reads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reads[middle] as Read).from < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
