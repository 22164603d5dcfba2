import type { Anomaly, Verdict } from './checker.ts';
import { grouped } from './grouped.ts';

/** Of each kind so many are explained, so that one kind does not hide another; all are counted. */
const EXPLAINED = 8;

/** One promise that is kept where nothing was found against it; but where the check `stopped`, nobody knows. */
export function verdictOn(promise: string, found: readonly Anomaly[], stopped?: string): Verdict {
  return {
    checker: promise,
    valid: found.length > 0 ? false : stopped === undefined ? true : 'unknown',
    ...(found.length === 0 && stopped !== undefined && { because: stopped }),
    ...(found.length > 0 && { disproves: [promise] }),
    anomalies: [...grouped(found, ({ kind }) => kind).values()].flatMap((each) => each.slice(0, EXPLAINED)),
    facts: { anomalies: found.length },
  };
}
