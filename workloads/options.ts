import { UsageError } from '../harness/errors.ts';

/** Throws one error with everything that is wrong with a workload's options; `false` in `rules` is what is wrong. */
export function demand(workload: string, rules: Readonly<Record<string, boolean>>): void {
  const broken = Object.keys(rules).filter((rule) => !rules[rule]);
  if (broken.length > 0)
    throw new UsageError(`workload ${workload}: ${broken.join('; ')}`, {
      hint: 'Options of a workload are set with --with name=value.',
    });
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

export function isShare(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
