import type { Bug } from './bugs.ts';
import type { Clock, Content, Copy, Dot, Sibling, Versions } from './copy.ts';

/**
 * Every version is kept until somebody who saw it has replaced it: dotted version vector sets (Preguiça et al. 2010;
 * Almeida et al. 2014). A version is a dot, one event of one node; a copy’s clock says which events it knows of, whether
 * they are still there or were replaced. So what one copy has and the other lacks is either new or replaced, and which
 * of both is known.
 */
export function vectorClocks(bug: Bug | undefined): Versions {
  return {
    merge: (a, b) => {
      if (bug === 'drops-siblings') return covers(a, b) ? a : b;
      const both = a.siblings.filter(({ dot }) => !knows(b.clock, dot) || has(b, dot));
      const theirs = b.siblings.filter(({ dot }) => !knows(a.clock, dot));
      return { siblings: [...both, ...theirs], clock: join(a.clock, b.clock) };
    },
    covers,
  };
}

/**
 * A version that `writer` makes, of a copy that it has: it replaces what its client had seen, and nothing else. The
 * writer’s own copy knows of all the writer’s events, so that the next number is a new one.
 */
export function stamp(mine: Copy, seen: Clock, content: Content, writer: string, bug: Bug | undefined): Copy {
  const before = bug === 'numbers-by-client' ? seen : join(mine.clock, seen);
  const dot: Dot = [(before[writer] ?? 0) + 1, writer];
  const left = mine.siblings.filter((one) => !knows(seen, one.dot) && !same(one.dot, dot));
  return {
    siblings: [...left, { dot, content }],
    clock: join(join(mine.clock, seen), { [writer]: dot[0] }),
  };
}

function covers(a: Copy, b: Copy): boolean {
  return (
    Object.entries(b.clock).every(([writer, counter]) => (a.clock[writer] ?? 0) >= counter) &&
    // What b knows to be replaced, a may still have: then b says more.
    a.siblings.every(({ dot }) => !knows(b.clock, dot) || has(b, dot))
  );
}

const knows = (clock: Clock, [counter, writer]: Dot): boolean => (clock[writer] ?? 0) >= counter;
const same = (a: Dot, b: Dot): boolean => a[0] === b[0] && a[1] === b[1];
const has = ({ siblings }: Copy, dot: Dot): boolean => siblings.some((one: Sibling) => same(one.dot, dot));

function join(a: Clock, b: Clock): Clock {
  const joined: Record<string, number> = { ...a };
  for (const [writer, counter] of Object.entries(b)) joined[writer] = Math.max(joined[writer] ?? 0, counter);
  return joined;
}
