import { array, assert, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { NOTHING, type Copy } from './copy.ts';
import { stamp, vectorClocks } from './vector-clocks.ts';

/** What a clock abbreviates: every event that a copy knows of, by number, and those of them that nobody has replaced. */
interface Known {
  readonly known: ReadonlySet<number>;
  readonly left: ReadonlySet<number>;
}

const REPLICAS = 3;
const replica = integer({ min: 0, max: REPLICAS - 1 });
/** `maker` stamps a version for a client that has read at `source`, or takes what `source` has. */
const step = record({
  does: integer({ min: 0, max: 2 }).map((n) => (n === 0 ? ('stamp' as const) : ('merge' as const))),
  maker: replica,
  source: replica,
});

test('clocks tell what was replaced as well as a list of everything that ever happened does', () => {
  const { merge, covers } = vectorClocks(undefined);
  assert(
    property(array(step, { maxLength: 40 }), (steps) => {
      const copies: Copy[] = Array(REPLICAS).fill(NOTHING);
      const truth: Known[] = Array(REPLICAS).fill({ known: new Set(), left: new Set() });
      for (const [event, { does, maker, source }] of steps.entries()) {
        const [mine, theirs] = [copies[maker], copies[source]] as [Copy, Copy];
        const [here, there] = [truth[maker], truth[source]] as [Known, Known];
        expect(covers(mine, theirs)).toBe(there.known.isSubsetOf(here.known));
        if (does === 'stamp') {
          copies[maker] = stamp(mine, theirs.clock, event, `n${maker}`, undefined);
          truth[maker] = {
            known: here.known.union(there.known).union(new Set([event])),
            left: here.left.difference(there.known).union(new Set([event])),
          };
        } else {
          copies[maker] = merge(mine, theirs);
          truth[maker] = {
            known: here.known.union(there.known),
            left: new Set([
              ...here.left.intersection(there.left),
              ...here.left.difference(there.known),
              ...there.left.difference(here.known),
            ]),
          };
        }
        const contents = copies[maker]?.siblings.map(({ content }) => content);
        expect(new Set(contents)).toEqual(truth[maker]?.left);
        expect(contents?.length).toBe(truth[maker]?.left.size);
      }
    }),
    { numRuns: 3000 },
  );
});
