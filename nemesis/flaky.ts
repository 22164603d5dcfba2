import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Link } from '../harness/runtime.ts';
import { chooseShape } from './choose-shape.ts';
import { baseline, confirmed, evidenceOfLinks, indeterminate, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { overAndOver } from './over-and-over.ts';
import type { ShapeName } from './shapes.ts';

/** However long it lasts. */
const cuts = 2000;
/** How often links are looked at, at most, until they have been seen down and up. */
const looks = 60;

const variants: readonly ShapeName[] = ['one', 'leader', 'halves', 'bridge', 'one-way'];

/**
 * Links that go down and come up again, as with a bad cable: never down for long enough that everybody agrees on it, nor
 * up for long enough to catch up.
 */
const flaky: Fault = {
  name: 'flaky',
  about: 'cuts links between nodes and mends them, again and again, a few times a second',
  proof: 'something is sent over its links again and again: now it arrives, now not',
  needs: ['cut'],
  variants,
  async inject(field, variant): Promise<Injection> {
    const pace = field.random.fork('pace');
    const [downMs, upMs] = [150 + pace.below(500), 50 + pace.below(500)];
    const shape = await chooseShape(field, variant);
    if ('none' in shape) return nothing(shape.none);
    const { passing, failed } = await baseline(field, shape.cut);
    if (passing.length === 0 && failed === undefined)
      return nothing('the links that it would cut carry nothing already');
    let mend = await field.cut(shape.cut);
    const loop = overAndOver(field, cuts, async (pause) => {
      await pause(downMs);
      await mend();
      await pause(upMs);
      mend = await field.cut(shape.cut);
    });
    return {
      what: `${shape.what}, down for ${downMs} ms and up for ${upMs} ms`,
      nodes: shape.hit,
      takes: { cuts: shape.cut },
      evidence: await probed(() => evidenceOfFlaps(field, passing)),
      heal: once(async () => {
        await loop.stop();
        await mend();
        return await probed(() => evidenceOfLinks(field, passing));
      }),
    };
  },
};

export default flaky;

/** Whether each link was seen to carry nothing, and to carry something. */
async function evidenceOfFlaps({ network, time, random }: Field, links: readonly Link[]): Promise<Evidence> {
  if (links.length === 0) return indeterminate('none of its links was seen to let anything through before');
  const moments = random.fork('looks');
  const seen = links.map(() => ({ open: 0, blocked: 0 }));
  for (let look = 0; look < looks; look++) {
    for (const [i, open] of (await network.probe(links)).entries())
      (seen[i] as { open: number; blocked: number })[open ? 'open' : 'blocked']++;
    if (seen.every(({ open, blocked }) => open > 0 && blocked > 0))
      return confirmed(
        `${links.length === 1 ? 'its link' : `${links.length} links`} probed now open, now blocked`,
      );
    await time.sleep(10 + moments.below(60));
  }
  const [link, counts] = [...links.entries()]
    .map(([i, one]) => [one, seen[i] as { open: number; blocked: number }] as const)
    .find(([, { open, blocked }]) => open === 0 || blocked === 0) as [
    Link,
    { open: number; blocked: number },
  ];
  return indeterminate(
    `${link.from}→${link.to} was seen open ${counts.open} times and blocked ${counts.blocked} times`,
  );
}
