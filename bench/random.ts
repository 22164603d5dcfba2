/** Whole numbers below 2³¹ that look drawn at random: the same for the same seed (xorshift). */
export function random(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
