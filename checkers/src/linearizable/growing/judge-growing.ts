import type { History } from '../../history.ts';
import type { GrowthMoves } from '../../model.ts';
import type { Budget } from '../budget.ts';
import type { Judged } from '../judged.ts';
import { lazySearch } from '../register/lazy-search.ts';
import type { RegisterSteps } from '../register/steps.ts';
import { HOLDS, UNDECIDED, zones } from '../register/zones.ts';
import { grow } from './growing.ts';

/** Judges a text or a list that grows as the register that it is, if it can be seen as one: see {@link grow}. */
export function judgeGrowing(history: History, moves: GrowthMoves, budget: Budget): Judged {
  const grown = grow(history, moves, budget);
  if ('unfit' in grown) return { valid: 'unfit', because: grown.unfit };
  if ('fault' in grown) return shownBy(grown.fault, 0);
  let explored = 0;
  let rows: readonly number[] = Array.from({ length: history.length }, (_, row) => row);
  for (const steps of grown.ways) {
    if (budget.spent(0)) return { valid: 'unknown', because: budget.because as string, reached: 0, explored };
    const judged = judgeRegister(steps, budget);
    explored += judged.explored ?? 0;
    if (judged.valid === false) rows = judged.evidence().rows;
    else return { ...judged, explored };
  }
  return shownBy(rows, explored);
}

/** What is wrong is to be found around these rows. */
function shownBy(rows: readonly number[], explored: number): Judged {
  return { valid: false, explored, evidence: () => ({ rows, closed: false }) };
}

function judgeRegister(steps: RegisterSteps, budget: Budget): Judged {
  const { answers, evidence, order } = zones(steps, budget);
  if (answers[0] === HOLDS) return { valid: true, order: () => order().get(-1) ?? [] };
  if (answers[0] !== UNDECIDED) return shownBy(evidence(-1).rows, 0);
  const found = lazySearch(steps, budget);
  if (found.valid === false) return shownBy([found.stuck], found.explored);
  return found;
}
