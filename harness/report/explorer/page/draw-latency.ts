import { font, LATENCY, nameScale, within, x, type Scene } from './scene.ts';
import { pixel } from './theme.ts';
import { height, rowFrom, STEPS } from './totals.ts';

const MOST_DOTS = 12_000;
const marks = [
  [1e3, '1 ms'],
  [1e4, '10 ms'],
  [1e5, '100 ms'],
  [1e6, '1 s'],
] as const;

/** How long operations took, by powers of ten: a dot each, or, where they are too many, how many took so long. */
export function drawLatency(scene: Scene): void {
  const { pen, inks, run, place, from, to } = scene;
  const y = (micros: number) => place.latency + LATENCY * (1 - height(micros));
  nameScale(scene, 'latency', place.latency + LATENCY / 2);
  for (const [micros, label] of marks) {
    pen.fillStyle = inks.line2;
    pen.fillRect(place.gutter, y(micros), scene.width, 1);
    font(pen, 10);
    pen.fillStyle = inks.muted;
    pen.textAlign = 'right';
    pen.fillText(label, place.gutter - 9, y(micros));
    pen.textAlign = 'left';
  }
  const [first, last] = [rowFrom(run, from), rowFrom(run, to)];
  within(scene, place.latency, LATENCY, () => {
    if (last - first > MOST_DOTS) return heat(scene);
    dots(scene, first, last, y);
  });
}

function dots(
  { pen, inks, run, mask, ...scene }: Scene,
  first: number,
  last: number,
  y: (micros: number) => number,
): void {
  const size = last - first > 3000 ? 1.6 : 2.4;
  pen.globalAlpha = 0.75;
  for (let row = first; row < last; row++) {
    if (mask !== undefined && mask[row] === 0) continue;
    const outcome = run.outcome[row] as number;
    const start = run.start[row] as number;
    pen.fillStyle =
      outcome === 1
        ? inks.failed
        : outcome === 2
          ? inks.unknown
          : inks[run.about.tokens[run.f[row] as number] ?? 'other'];
    pen.fillRect(x(scene, start) - size / 2, y((run.end[row] as number) - start) - size / 2, size, size);
  }
  pen.globalAlpha = 1;
}

/** One texel a bin and step of latency, stretched over the view. */
function heat(scene: Scene): void {
  const { pen, inks, totals, run, from, to, width, place } = scene;
  const image = new ImageData(totals.bins, STEPS);
  const texels = new Uint32Array(image.data.buffer);
  const colour = pixel(inks.fast);
  let most = 1;
  for (const n of totals.heat) if (n > most) most = n;
  for (let bin = 0; bin < totals.bins; bin++)
    for (let step = 0; step < STEPS; step++) {
      const n = totals.heat[bin * STEPS + step] as number;
      if (n === 0) continue;
      const opacity = 40 + 215 * (Math.log1p(n) / Math.log1p(most));
      texels[(STEPS - 1 - step) * totals.bins + bin] = ((opacity << 24) | colour) >>> 0;
    }
  const canvas = new OffscreenCanvas(totals.bins, STEPS);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  const scale = totals.bins / run.lasts;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(
    canvas,
    from * scale,
    0,
    (to - from) * scale,
    STEPS,
    place.gutter,
    place.latency,
    width - place.gutter,
    LATENCY,
  );
}
