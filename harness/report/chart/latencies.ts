import { html, type Html } from '../html.ts';
import { ink, type Token } from '../palette.ts';
import { element, line, px } from '../svg.ts';
import { scale, type Frame } from './frame.ts';

/** Median and 99th percentile. Latencies differ by powers of ten, so that is how they are drawn. */
export function latencies(frame: Frame): Html {
  const { latency, course } = frame;
  const { p50, p99 } = course;
  const seen = [...p50, ...p99].filter((ms) => ms > 0);
  const low = Math.floor(Math.log10(Math.max(0.01, Math.min(1, ...seen))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...seen))));
  const y = (ms: number) =>
    latency.top + latency.height * (1 - (Math.log10(Math.max(ms, 0.01)) - low) / (high - low));
  const powers = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return html`${powers.map((ms) => rule(ms, y(ms), frame))}${curve(p50, y, frame, 'fast')}${curve(p99, y, frame, 'slow', '5 3')}`;
}

function rule(ms: number, y: number, frame: Frame): Html {
  const label = ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(1))} ms`;
  return html`${line(frame.left, y, frame.right, y, { stroke: ink('line') })}${scale(frame, y + 4, label)}`;
}

/** A line that stops where nothing was measured, and is a dot where only one moment was. */
function curve(
  of: Float64Array,
  y: (ms: number) => number,
  { x, course }: Frame,
  token: Token,
  dashes?: string,
): Html {
  let d = '';
  let drawing = false;
  for (const [i, ms] of of.entries()) {
    if (ms > 0)
      d += `${drawing ? 'L' : 'M'}${px(x((i + 0.5) * course.step))} ${px(y(ms))}${drawing ? '' : 'h.1'}`;
    drawing = ms > 0;
  }
  return element('path', {
    d,
    fill: 'none',
    stroke: ink(token),
    'stroke-width': 1.7,
    'stroke-linejoin': 'round',
    'stroke-dasharray': dashes,
  });
}
