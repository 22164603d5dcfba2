/** All of a run's randomness comes from its seed through here; nothing calls `Math.random`. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** An independent stream, so that adding a draw in one place changes nothing elsewhere. */
  fork(name: string): Random;
}

/** Mulberry32: small, fast, and the same on every machine. Not for secrets. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    pick: <T>(choices: readonly T[]): T => {
      if (choices.length === 0) throw new RangeError('cannot pick from nothing');
      return choices[below(choices.length)] as T;
    },
    shuffle: <T>(items: readonly T[]): T[] => {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [out[i], out[j]] = [out[j] as T, out[i] as T];
      }
      return out;
    },
    fork: (name) =>
      seeded(mix([...name].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193), mix(seed)))),
  };
}

/** Murmur3's finaliser: nearby seeds and similar names end far apart. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
