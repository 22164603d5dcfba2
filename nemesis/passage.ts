import type { Link, Network, Passage, Row } from '../harness/runtime.ts';
import type { Look } from './link-fault.ts';

/** What is later than that counts as lost: a link that another fault makes so slow ails already. */
const WAIT_MS = 400;

/** A row that is long enough for a share of it to be told from chance: 40 of its packets are expected to be hit. */
export function rowFor(share: number): Row {
  return { count: Math.min(400, Math.ceil(40 / share)), everyMs: 0.5, bytes: 100, waitMs: WAIT_MS };
}

/** Looks at a link by what becomes of a row of datagrams: `ill` says whether they fared badly in this way, `saw` how. */
export function byPassage(
  row: Row,
  ill: (passage: Passage) => boolean,
  saw: (passage: Passage) => string,
): (network: Required<Network>, link: Link) => Promise<Look> {
  return async (network, link) => {
    const passage = await network.measure(link, row);
    if (passage.arrived + passage.altered === 0) return { state: 'dead', saw: 'lets nothing through' };
    return { state: ill(passage) ? 'ill' : 'usual', saw: saw(passage) };
  };
}

/** Whether so many of a row are what is left of a share after the worst luck: four standard deviations. */
export const atLeast = (hit: number, share: number, of: number): boolean => hit >= (share * of) / 3;

/** Evenly by order of magnitude: most troubles are small, and a few are large. */
export function between(least: number, most: number, fraction: number): number {
  return least * (most / least) ** fraction;
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
