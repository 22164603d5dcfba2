import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import { element, px } from '../svg.ts';
import { count } from '../words.ts';
import { scale, type Frame } from './frame.ts';

/** How many operations ended per second, by outcome, one upon the other. */
export function rates(frame: Frame): Html {
  const { rate: plot } = frame;
  const { ok, failed, unknown } = frame.course;
  const known = ok.map((rate, i) => rate + (failed[i] as number));
  const all = known.map((rate, i) => rate + (unknown[i] as number));
  const most = Math.max(1, frame.course.tallest ?? 0, ...all);
  const nothing = new Float64Array(ok.length);
  const bottom = plot.top + plot.height;
  return html`${layer(nothing, ok, most, frame, ink('ok'))}${layer(ok, known, most, frame, ink('failed'))}${layer(known, all, most, frame, `url(#lost-${frame.id})`)}${scale(frame, plot.top + 8, count(most))}${scale(frame, plot.top + plot.height / 2 + 4, 'ops/s', 'text')}${scale(frame, bottom, '0')}`;
}

/** One path for all the bars of an outcome: a page of hundreds of elements less. */
function layer(
  from: Float64Array,
  to: Float64Array,
  most: number,
  { x, course, rate: plot }: Frame,
  fill: string,
): Html {
  const y = (rate: number) => px(plot.top + plot.height * (1 - rate / most));
  let d = '';
  for (let i = 0; i < to.length; i++) {
    const [low, high] = [from[i] as number, to[i] as number];
    if (high <= low) continue;
    const [left, right] = [px(x(i * course.step)), px(x((i + 1) * course.step) - 0.4)];
    d += `M${left} ${y(low)}V${y(high)}H${right}V${y(low)}z`;
  }
  return element('path', { d, fill });
}
