import { newer, newest, NOTHING, type Content, type Copy, type Dot, type Versions } from './copy.ts';

/**
 * Versions are a counter and who wrote, and the highest is kept. Of two writes that did not know of each other one is
 * thrown away, confirmed or not.
 */
export const lastWriteWins: Versions = {
  merge: (a, b) => (newer(dotOf(b), dotOf(a)) ? b : a),
  covers: (a, b) => !newer(dotOf(b), dotOf(a)),
};

/** The version after what was seen. */
export function next(seen: Copy, content: Content, writer: string): Copy {
  return { ...NOTHING, siblings: [{ dot: [dotOf(seen)[0] + 1, writer], content }] };
}

const dotOf = (copy: Copy): Dot => newest(copy)?.dot ?? [0, ''];
