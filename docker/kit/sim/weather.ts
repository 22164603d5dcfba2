import type { Random } from '../../../harness/random.ts';

/** How links and disks behave when nothing is wrong. Loss and doubling are for datagrams; streams are retried. */
export interface Weather {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly lossFraction: number;
  readonly duplicateFraction: number;
  readonly syncMs: number;
}

/** Each seed draws its own: many unlike clusters find more than one average cluster does. */
export function drawWeather(random: Random): Weather {
  return {
    delayMs: 1,
    jitterMs: random.pick([2, 4, 30, 80]),
    lossFraction: random.pick([0, 0.02, 0.1]),
    duplicateFraction: random.pick([0, 0.02]),
    syncMs: random.pick([1, 2, 5, 20]),
  };
}
