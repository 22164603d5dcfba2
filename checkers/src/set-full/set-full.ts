import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import { histogram, quantiles } from '../histogram.ts';
import type { History, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { anyHistory, rowsByKey } from '../table/table.ts';
import { count } from '../words.ts';
import { explain, type Kind } from './explain.ts';
import { NONE, sightings, type Sightings } from './sightings.ts';

export interface SetFullOptions {
  /**
   * Whether a read may miss, for a while, what was there before it began. A set that is read linearizably may not;
   * one that is eventually consistent may. Default `false`: it is a violation.
   */
  readonly mayBeStale?: boolean;
}

/** Of each kind of anomaly so many are explained, of stale elements the worst; all are counted. */
const EXPLAINED = 16;

/**
 * What becomes of each element of a set that only grows: `add` puts one in, `read` returns them all.
 *
 * ```
 * add 1 ──ok     read {1}      read {}       read {}         lost: acknowledged, and gone for good
 * add 2 ──ok     read {}       read {2}                      stale: there, but not for everybody at once
 * add 3 ──?      read {3}                                    recovered: nobody knew, and there it is
 * add 4 ──ok                                                 never read: nobody looked afterwards
 *                read {5, 5}                                 duplicated, and unexpected if nobody added 5
 * ```
 *
 * After Jepsen's set-full. An element is *known* once its add returned or a read showed it, whichever was first. It is
 * *stable* from the call of the last read that missed it, if one found it later; it is lost after the last that found it.
 */
export function setFull<Ops extends Operations = Operations>({
  mayBeStale = false,
}: SetFullOptions = {}): Checker<Ops> {
  return { name: 'set-full', check: (history, context) => check(anyHistory(history), mayBeStale, context) };
}

function check(history: History, mayBeStale: boolean, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const tally = new Tally(history, mayBeStale);
  for (const { rows } of rowsByKey(history)) {
    const seen = sightings(history, rows, budget);
    if (!seen || !untilSpent(budget, () => tally.add(seen, budget))) break;
  }
  return tally.verdict(
    budget.because === undefined ? undefined : budget.stopped(history.length, tally.soFar),
  );
}

interface Found {
  readonly kind: Kind;
  readonly element: number;
  readonly seen: Sightings;
  readonly delay: number;
}

/** Sums up over all sets. */
class Tally {
  readonly #history: History;
  readonly #mayBeStale: boolean;
  readonly #removes: boolean;
  readonly #counts = {
    elements: 0,
    found: 0,
    reads: 0,
    lost: 0,
    stale: 0,
    duplicated: 0,
    unexpected: 0,
    'never read': 0,
    recovered: 0,
  };
  readonly #untilStable: number[] = [];
  readonly #untilLost: number[] = [];
  readonly #found = new Map<Kind, Found[]>();
  #judged = 0;

  constructor(history: History, mayBeStale: boolean) {
    this.#history = history;
    this.#mayBeStale = mayBeStale;
    const remove = history.names.indexOf('remove');
    this.#removes = remove >= 0 && history.f.some((f, row) => f === remove && history.outcome[row] !== 1);
  }

  /** Throws when nothing is left of the budget, and `true` otherwise. */
  add(seen: Sightings, budget: Budget): true {
    const { add, known, lastFound, lastMissed, twice } = seen;
    const { outcome, call, return: returned } = this.#history;
    const counts = this.#counts;
    counts.reads += seen.reads;
    counts.elements += seen.count;
    for (let element = 0; element < seen.count; element++) {
      budget.pass(element);
      const adder = add[element] as number;
      const isFound = lastFound[element] !== NONE;
      const isKnown = known[element] !== NONE;
      const isMissed = lastMissed[element] !== NONE;
      if (isFound) counts.found++;
      if (isFound && adder !== NONE && outcome[adder] === 2) counts.recovered++;
      if (isKnown && !isFound && !isMissed) counts['never read']++;
      if (isKnown && isMissed && !this.#removes) {
        const isLost = (lastMissed[element] as number) > (lastFound[element] as number);
        const delay = this.#delay(seen, element, isLost);
        (isLost ? this.#untilLost : this.#untilStable).push(delay);
        this.#tell(isLost ? 'lost' : 'stale', element, seen, delay);
      } else if (isKnown && isFound) this.#untilStable.push(0);
      if (twice[element] !== NONE) this.#tell('duplicated', element, seen, 0);
      // What shows first that it is there is a read then, or its add had returned before.
      const isEarly =
        isFound && adder !== NONE && (returned[known[element] as number] as number) < (call[adder] as number);
      if (isFound && (adder === NONE || outcome[adder] === 1 || isEarly))
        this.#tell('unexpected', element, seen, 0);
      this.#judged++;
    }
    return true;
  }

  /** What is certain if nothing more is looked at. */
  get soFar(): string | undefined {
    if (this.#judged === 0) return undefined;
    return `nothing against the first ${count(this.#judged, 'element')}`;
  }

  verdict(stopped: string | undefined): Verdict {
    const anomalies: Anomaly[] = [...this.#found.values()].flatMap((all) =>
      all.map(({ kind, element, seen }) => explain(this.#history, seen, element, kind)),
    );
    const because = this.#whyUnknown(stopped);
    const valid = anomalies.length > 0 ? false : because === undefined ? true : 'unknown';
    return {
      checker: 'set-full',
      valid,
      ...(valid === 'unknown' && because !== undefined && { because }),
      anomalies,
      facts: {
        ...this.#counts,
        ...quantiles('ms until stable', Float64Array.from(this.#untilStable)),
        ...quantiles('ms until lost', Float64Array.from(this.#untilLost)),
      },
      ...(this.#untilStable.length > 0 && {
        histograms: [
          histogram('elements by how long it took until every read found them', 'ms', this.#untilStable),
        ],
      }),
    };
  }

  /** Of as many of each kind as are explained, those that took longest. */
  #tell(kind: Kind, element: number, seen: Sightings, delay: number): void {
    this.#counts[kind]++;
    if (kind === 'stale' && this.#mayBeStale) return;
    const told = this.#found.get(kind) ?? [];
    this.#found.set(kind, told);
    if (told.length < EXPLAINED) told.push({ kind, element, seen, delay });
    else {
      const least = told.reduce((a, b) => (b.delay < a.delay ? b : a));
      if (delay > least.delay) told[told.indexOf(least)] = { kind, element, seen, delay };
    }
  }

  /** Milliseconds from when an element was known until it was stable, or lost. */
  #delay({ known, lastMissed, lastFound }: Sightings, element: number, isLost: boolean): number {
    const { callTime, returnTime } = this.#history;
    const last = isLost ? (lastFound[element] as number) : (lastMissed[element] as number);
    const end = last === NONE ? -Infinity : (callTime[last] as number);
    return Math.max(0, (end - (returnTime[known[element] as number] as number)) / 1e6);
  }

  #whyUnknown(stopped: string | undefined): string | undefined {
    const { elements, found, 'never read': neverRead } = this.#counts;
    if (stopped) return stopped;
    if (this.#removes)
      return 'elements were removed too, so that one that is missing need not be lost; the model set decides that';
    if (found === 0 || elements === neverRead)
      return 'no read ever found an element, so nothing is known of what became of them; read after adding';
    return undefined;
  }
}
