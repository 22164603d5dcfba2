import { solveMembers } from './settle.ts';
import type { Prepared } from './settle.ts';

/**
 * Leaves out transactions while those that remain still have no solution: first by halves, then by smaller pieces, then
 * one by one (delta debugging, Zeller & Hildebrandt 2002). What is left is a reason of its own; leaving out any
 * more loses it, unless time ran out.
 */
export function minimalCore(prepared: Prepared, core: readonly number[], attempts = 400): number[] {
  let members = [...core].toSorted((a, b) => a - b);
  const refutes = (some: readonly number[]): boolean => {
    const { solved, involved } = solveMembers(prepared, some, 2_000);
    if (solved !== false) return false;
    members = (involved.length > 0 ? [...involved] : [...some]).toSorted((a, b) => a - b);
    return true;
  };
  // Each refutation touches fewer than it was given, until it does not.
  for (let size = Infinity; members.length < size;) {
    size = members.length;
    if (!refutes(members)) return members;
  }
  for (let pieces = 2; members.length > 1;) {
    const size = Math.ceil(members.length / pieces);
    let shrunk = false;
    for (let at = 0; at < members.length; at += size) {
      if (attempts-- <= 0 || prepared.stop()) return members;
      const rest = [...members.slice(0, at), ...members.slice(at + size)];
      if (rest.length === 0 || !refutes(rest)) continue;
      pieces = Math.max(2, pieces - 1);
      shrunk = true;
      break;
    }
    if (shrunk) continue;
    if (size === 1) return members;
    pieces = Math.min(members.length, pieces * 2);
  }
  return members;
}
