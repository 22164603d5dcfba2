import { count } from '../../words.ts';
import { font, nameScale, RATE, within, x, type Scene } from './scene.ts';
import { rowFrom } from './totals.ts';

/** Bars are so wide, in pixels, where operations are counted one by one. */
const BAR = 4;
const MOST_COUNTED = 60_000;

/** How many operations ended per second: ok, failed upon them, unknown hatched upon those. */
export function drawRate(scene: Scene): void {
  const { pen, inks, place, from, to } = scene;
  const { edges, counts } = counted(scene);
  const perSecond = (bar: number) => 1e6 / ((edges[bar + 1] as number) - (edges[bar] as number));
  let most = 1;
  for (let bar = 0; bar + 1 < edges.length; bar++) {
    if ((edges[bar + 1] as number) < from || (edges[bar] as number) > to) continue;
    most = Math.max(most, counts.reduce((sum, of) => sum + (of[bar] as number), 0) * perSecond(bar));
  }
  within(scene, place.rate, RATE, () => {
    for (let bar = 0; bar + 1 < edges.length; bar++) {
      const [a, b] = [x(scene, edges[bar] as number), x(scene, edges[bar + 1] as number)];
      if (b < place.gutter || a > scene.width) continue;
      let bottom = place.rate + RATE;
      for (const [outcome, of] of counts.entries()) {
        const height = (((of[bar] as number) * perSecond(bar)) / most) * RATE;
        if (height === 0) continue;
        pen.fillStyle = outcome === 0 ? inks.ok : outcome === 1 ? inks.failed : scene.hatch;
        pen.fillRect(a, bottom - height, Math.max(0.5, b - a - 0.4), height);
        bottom -= height;
      }
    }
  });
  nameScale(scene, 'ops/s', place.rate + RATE / 2);
  font(pen, 10);
  pen.fillStyle = inks.muted;
  pen.textAlign = 'right';
  pen.fillText(count(most), place.gutter - 9, place.rate + 5);
  pen.textAlign = 'left';
}

interface Counted {
  /** Where bars begin, and where the last ends, in microseconds. */
  readonly edges: Float64Array;
  readonly counts: readonly Float64Array[];
}

/** Zoomed in, operations are counted one by one; zoomed out, whole bins were counted before. */
function counted({ run, totals, mask, from, to, width, place }: Scene): Counted {
  const bars = Math.max(1, Math.floor((width - place.gutter) / BAR));
  const [first, last] = [rowFrom(run, from - 5e6), rowFrom(run, to)];
  if (last - first > MOST_COUNTED || (to - from) / bars > run.lasts / totals.bins) {
    const group = Math.max(1, Math.round(((to - from) / bars / run.lasts) * totals.bins));
    const groups = Math.ceil(totals.bins / group);
    const edges = Float64Array.from(
      { length: groups + 1 },
      (_, i) => (Math.min(totals.bins, i * group) / totals.bins) * run.lasts,
    );
    return { edges, counts: totals.counts.map((of) => grouped(of, group, groups)) };
  }
  const step = (to - from) / bars;
  const counts = [new Float64Array(bars), new Float64Array(bars), new Float64Array(bars)];
  for (let row = first; row < last; row++) {
    if (mask !== undefined && mask[row] === 0) continue;
    const bar = Math.floor(((run.end[row] as number) - from) / step);
    const of = counts[run.outcome[row] as number];
    if (of !== undefined && bar >= 0 && bar < bars) of[bar] = (of[bar] as number) + 1;
  }
  return { edges: Float64Array.from({ length: bars + 1 }, (_, i) => from + i * step), counts };
}

function grouped(of: Float64Array, group: number, groups: number): Float64Array {
  const sums = new Float64Array(groups);
  for (const [bin, n] of of.entries()) sums[Math.floor(bin / group)]! += n;
  return sums;
}
