import type { Key } from '../kit/kit.ts';

/** As many as Redis Cluster has. Every scheme sees a key as one of these, and no closer. */
export const SLOTS = 16_384;
/** Slots are handed over in stripes, so many at a time. */
export const STRIPE = 256;

export function slotOf(key: Key): number {
  return hash(String(key)) % SLOTS;
}

/** FNV-1a, and the last steps of MurmurHash3: without them names that differ in their last letter lie close together. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const letter of text) h = Math.imul(h ^ (letter.codePointAt(0) as number), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
