import type { Plan } from '../plan/plan.ts';
import type { CutShort, Survey } from './survey.ts';
import { count } from './words.ts';

/**
 * Why a run did not go to its end, as its history tells. Where the harness was killed, that is not said but left out: the
 * last marks, and often half a line.
 */
export function cutShortOf(
  plan: Plan,
  { phases, torn, cutShort }: Pick<Survey, 'phases' | 'torn' | 'cutShort'>,
): CutShort | undefined {
  if (cutShort) return cutShort;
  const interrupted = (message: string): CutShort => ({ why: 'interrupted', message });
  if (torn) return interrupted(`its history stops in the middle of line ${count(torn.line)}`);
  if (phases.length === 0) return undefined;
  const missing = plan.phases.find(({ name }) => !phases.includes(name));
  if (missing) return interrupted(`it ended before its ${missing.name} phase`);
  return phases.includes('end') ? undefined : interrupted(`it ended in its ${phases.at(-1)} phase`);
}
