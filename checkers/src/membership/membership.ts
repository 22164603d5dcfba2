import type { Anomaly, Checker, Verdict } from '../checker.ts';
import { histogram, quantiles } from '../histogram.ts';
import type { History, Operation, Operations } from '../history.ts';
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
 * clients was taken for dead, is measured from all reads, and proves nothing. In time proportional to reads times nodes.
 */
export function membership<Ops extends Operations = Operations>({
  withinMs = 5000,
}: MembershipOptions = {}): Checker<Ops> {
  if (!(withinMs >= 0)) throw new RangeError(`withinMs is a number of milliseconds from 0, not ${withinMs}`);
  return { name: 'membership', check: (history) => check(anyHistory(history), withinMs * 1e6) };
}

/** In nanoseconds. It begins between `call` and `return`, and lasts. */
interface Silence {
  readonly id: number;
  readonly call: number;
  readonly return: number;
  readonly lasting: number;
}

interface Read {
  readonly operation: Operation;
  readonly node: string;
  readonly members: ReadonlySet<string>;
  readonly from: number;
  readonly to: number;
}

function check(history: History, within: number): Verdict {
  const silences = new Map<string, Silence[]>(history.nodes.map((node) => [node, []]));
  const reads: Read[] = [];
  for (const operation of history) {
    const { id, f, outcome, input, output } = operation;
    const [from, to] = [history.callTime[id] as number, history.returnTime[id] as number];
    const node = history.nodes[history.node[id] as number];
    if (node === undefined || outcome === 'fail') continue;
    if (f === 'silence')
      silences
        .get(node)
        ?.push({ id, call: from, return: outcome === 'ok' ? to : Infinity, lasting: Number(input) * 1e6 });
    else if ((f === 'members' || f === 'settled') && outcome === 'ok' && Array.isArray(output))
      reads.push({ operation, node, members: new Set(output.map(String)), from, to });
  }
  const settled = reads.filter(({ operation }) => operation.f === 'settled');
  const found: Anomaly[] = [];
  const kinds: Record<string, number> = {};
  let judged = 0;
  for (const read of settled) {
    // Who may have been silent itself could not hear of others.
    if (maybeSilent(silences.get(read.node) ?? [], read, within)) continue;
    for (const node of history.nodes) {
      const of = silences.get(node) ?? [];
      const sure = of.find((silence) => surelySilent(silence, read, within));
      const gone = sure !== undefined && read.members.has(node);
      const missed = !read.members.has(node) && !maybeSilent(of, read, within);
      judged++;
      if (!gone && !missed) continue;
      const kind = gone ? 'undetected failure' : 'missing member';
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if ((kinds[kind] ?? 0) <= EXPLAINED)
        found.push(gone ? undetected(read, node, sure) : missing(read, node, of, within));
    }
    for (const stranger of read.members)
      if (!history.nodes.includes(stranger)) {
        kinds['stranger'] = (kinds['stranger'] ?? 0) + 1;
        if (kinds['stranger'] <= EXPLAINED) found.push(unheardOf(read, stranger));
      }
  }
  const valid = found.length > 0 ? false : judged > 0 ? true : 'unknown';
  return {
    checker: 'membership',
    valid,
    ...(valid === 'unknown' && { because: 'nobody was asked once everything had settled' }),
    ...(valid === false && { disproves: ['membership'] }),
    anomalies: found,
    ...measured(reads, silences, history, within),
  };
}

/** For certain silent for all the time that it may take to notice, whenever it began and whenever the answer was given. */
function surelySilent(silence: Silence, { from, to }: Read, within: number): boolean {
  return silence.return <= from - within && to <= silence.call + silence.lasting;
}

function maybeSilent(
  silences: readonly Silence[],
  { from, to }: Pick<Read, 'from' | 'to'>,
  within: number,
): boolean {
  return silences.some((silence) => silence.call <= to && silence.return + silence.lasting >= from - within);
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
  reads: readonly Read[],
  silences: ReadonlyMap<string, readonly Silence[]>,
  history: History,
  within: number,
): Pick<Verdict, 'facts' | 'histograms'> {
  const times: number[] = [];
  let unnoticed = 0;
  for (const [node, of] of silences)
    for (const silence of of)
      for (const observer of history.nodes) {
        const during = reads.filter(
          (read) =>
            read.node === observer &&
            observer !== node &&
            read.from >= silence.return &&
            read.to <= silence.call + silence.lasting,
        );
        const noticed = during.find(({ members }) => !members.has(node));
        if (noticed) times.push((noticed.to - silence.call) / 1e6);
        else if (during.length > 0) unnoticed++;
      }
  let asked = 0;
  let wrong = 0;
  for (const read of reads) {
    if (maybeSilent(silences.get(read.node) ?? [], read, within)) continue;
    for (const node of history.nodes) {
      if (maybeSilent(silences.get(node) ?? [], read, within)) continue;
      asked++;
      if (!read.members.has(node)) wrong++;
    }
  }
  return {
    facts: {
      reads: reads.length,
      silences: [...silences.values()].flat().length,
      'silences not noticed by somebody while they lasted': unnoticed,
      'living members taken for dead, of 1000': asked === 0 ? 0 : Math.round((wrong / asked) * 10_000) / 10,
      ...quantiles('ms to notice', Float64Array.from(times)),
    },
    histograms: [histogram('ms until a silence was seen to be noticed, of observers', 'ms', times)],
  };
}
