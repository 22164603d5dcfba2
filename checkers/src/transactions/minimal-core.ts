import { Findings } from './findings.ts';
import type { Family } from './levels.ts';
import { unlimited } from './limits.ts';
import type { Limits } from './limits.ts';
import { partOf } from './part.ts';
import { registerKnowledge } from './register-knowledge.ts';
import type { RegisterKnowledge } from './register-knowledge.ts';
import { schedule } from './schedule/schedule.ts';
import { withChains } from './schedule/with-chains.ts';

/** What an order of register transactions should keep, and whether they read from snapshots. */
export interface Demand {
  readonly family: Family;
  readonly snapshot: boolean;
}

/** A search on a few transactions that takes this many conflicts is not worth its answer. */
const CONFLICTS_MAX = 2000;
const ATTEMPTS_MAX = 400;

/**
 * The fewest transactions that have no order on their own, whatever the rest of the history holds: leaves out some while
 * those that remain still have none, first by halves, then by smaller pieces, then one by one (delta debugging, Zeller &
 * Hildebrandt 2002). Leaving out any more loses it, unless time ran out. Empty when `core` is no reason by itself.
 */
export function minimalCore(
  known: RegisterKnowledge,
  demand: Demand,
  core: readonly number[],
  limits: Limits,
): readonly number[] {
  const reason = (some: readonly number[]): readonly number[] => reasonAmong(known, demand, some);
  let members = reason(core);
  if (members.length === 0) members = reason(withChains(known, core));
  for (let pieces = 2, attempts = ATTEMPTS_MAX; members.length > 1;) {
    const size = Math.ceil(members.length / pieces);
    let smaller: readonly number[] = [];
    for (let at = 0; at < members.length && smaller.length === 0; at += size) {
      if (attempts-- <= 0 || limits.timeIsUp()) return members;
      smaller = reason([...members.slice(0, at), ...members.slice(at + size)]);
    }
    if (smaller.length > 0) {
      members = smaller;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) return members;
    else pieces = Math.min(members.length, pieces * 2);
  }
  return members;
}

/** Those among some transactions that have no order by themselves; empty when all of them have one, or nobody can tell. */
function reasonAmong(
  { txns, writers }: RegisterKnowledge,
  demand: Demand,
  some: readonly number[],
): readonly number[] {
  let refuted: readonly number[] = [];
  for (let members = some.toSorted((a, b) => a - b); ;) {
    const part = registerKnowledge(partOf(txns, writers, members), new Findings(), unlimited());
    const { explains, core } = schedule({ ...part, ...demand }, unlimited(), CONFLICTS_MAX);
    if (explains !== false) return refuted;
    refuted = members;
    if (core.length >= members.length) return refuted;
    members = core.map((t) => members[t] as number);
  }
}
