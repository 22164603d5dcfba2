import type { Budget } from '../budget.ts';

/** Sorted at once by the runtime, which nothing can interrupt. */
const RUN = 8192;

/**
 * Places from that of the smallest number to that of the largest; equal ones keep their order. Runs that the runtime sorts are merged,
 * so that the clock can be looked at meanwhile.
 */
export function sorted(numbers: Float64Array, budget: Budget): Uint32Array {
  const { length } = numbers;
  let from = new Uint32Array(length);
  let to = new Uint32Array(length);
  for (let i = 0; i < length; i++) from[i] = i;
  for (let begin = 0; begin < length; begin += RUN) {
    budget.pass(0);
    from.subarray(begin, begin + RUN).sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
  }
  for (let run = RUN; run < length; run *= 2) {
    for (let begin = 0; begin < length; begin += 2 * run) {
      const middle = Math.min(begin + run, length);
      const end = Math.min(begin + 2 * run, length);
      let a = begin;
      let b = middle;
      for (let i = begin; i < end; i++) {
        budget.pass(i);
        const second =
          a === middle ||
          (b < end && (numbers[from[b] as number] as number) < (numbers[from[a] as number] as number));
        to[i] = from[second ? b++ : a++] as number;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
