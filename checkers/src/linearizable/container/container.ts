import type { History } from '../../history.ts';
import type { ContainerMoves } from '../../model.ts';
import type { Budget } from '../budget.ts';
import { illegal, type Judged } from '../judged.ts';
import { elementsOf } from './elements.ts';
import { judgePriorityQueue } from './priority-queue.ts';
import { judgeQueue } from './queue.ts';
import { judgeStack } from './stack.ts';

const JUDGES = {
  'first in, first out': judgeQueue,
  'last in, first out': judgeStack,
  'smallest first': judgePriorityQueue,
} as const;

/** Judges the history of one container in which nothing was put in twice. */
export function judgeContainer(history: History, moves: ContainerMoves, budget: Budget): Judged {
  const sorted = elementsOf(history, moves, budget);
  if ('unfit' in sorted) return { valid: 'unfit', because: sorted.unfit };
  if ('fault' in sorted) return illegal(() => sorted.fault);
  return JUDGES[moves.order](sorted.elements);
}
