import { solveMembers } from './settle.ts';
import type { Prepared } from './settle.ts';

/** What is left, and whether it was seen to have no solution. */
export interface Core {
  readonly members: number[];
  readonly refuted: boolean;
}

/**
 * Leaves out transactions while those that remain still have no solution: first by halves, then by smaller pieces, then
 * one by one (delta debugging, Zeller & Hildebrandt 2002). What is left is a reason of its own; leaving out any
 * more loses it, unless time ran out.
 */
export function minimalCore(prepared: Prepared, core: readonly number[], attempts = 400): Core {
  let members = [...core].toSorted((a, b) => a - b);
  const attempt = (some: readonly number[]) => solveMembers(prepared, some, 2_000);
  // Each refutation touches fewer than it was given, until it does not.
  for (let given = members, refuted = false; ;) {
    const { solved, involved } = attempt(given);
    if (solved !== false && !refuted) return { members, refuted: false };
    if (solved !== false) break;
    refuted = true;
    members = given;
    given = [...involved].toSorted((a, b) => a - b);
    if (given.length === 0 || given.length >= members.length) break;
  }
  for (let pieces = 2; members.length > 1;) {
    const size = Math.ceil(members.length / pieces);
    let shrunk = false;
    for (let at = 0; at < members.length; at += size) {
      if (attempts-- <= 0 || prepared.stop()) return { members, refuted: true };
      const rest = [...members.slice(0, at), ...members.slice(at + size)];
      if (rest.length === 0 || attempt(rest).solved !== false) continue;
      members = rest;
      pieces = Math.max(2, pieces - 1);
      shrunk = true;
      break;
    }
    if (shrunk) continue;
    if (size === 1) return { members, refuted: true };
    pieces = Math.min(members.length, pieces * 2);
  }
  return { members, refuted: true };
}
