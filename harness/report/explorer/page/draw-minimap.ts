import { completes } from './draw-anomalies.ts';
import { MINIMAP, nameRow, type Scene } from './scene.ts';

const BARS = 300;

/** The whole run small, and where in it the view is. */
export function drawMinimap(scene: Scene): void {
  const { pen, inks, run, totals, place, width } = scene;
  const [left, top, wide] = [place.gutter, place.minimap, width - place.gutter];
  const at = (time: number) => left + (time / run.lasts) * wide;
  pen.fillStyle = inks.panel2;
  pen.fillRect(left, top, wide, MINIMAP);
  pen.globalAlpha = 0.3;
  for (const { token, from, to } of run.about.faults) {
    pen.fillStyle = inks[token];
    pen.fillRect(at(from * 1e6), top, Math.max(1, at(to * 1e6) - at(from * 1e6)), MINIMAP);
  }
  pen.globalAlpha = 0.6;
  const bars = new Float64Array(BARS);
  for (const [bin, n] of totals.counts[0].entries()) bars[Math.floor((bin * BARS) / totals.bins)]! += n;
  const most = bars.reduce((a, b) => Math.max(a, b), 1);
  pen.fillStyle = inks.faint;
  for (const [bar, n] of bars.entries()) {
    const height = (n / most) * (MINIMAP - 5);
    pen.fillRect(left + (bar * wide) / BARS, top + MINIMAP - height, wide / BARS + 0.3, height);
  }
  pen.globalAlpha = 1;
  pen.fillStyle = inks['bad-fill'];
  for (const anomaly of run.about.anomalies)
    pen.fillRect(at(run.start[completes(run, anomaly)] as number) - 1, top, 2, MINIMAP);
  view(scene, at);
  nameRow(scene, 'whole run', top + MINIMAP / 2);
}

function view({ pen, inks, from, to, place, width }: Scene, at: (time: number) => number): void {
  const [a, b] = [at(from), at(to)];
  pen.fillStyle = inks.panel;
  pen.globalAlpha = 0.62;
  pen.fillRect(place.gutter, place.minimap, a - place.gutter, MINIMAP);
  pen.fillRect(b, place.minimap, width - b, MINIMAP);
  pen.globalAlpha = 1;
  pen.strokeStyle = inks.accent;
  pen.lineWidth = 1.5;
  pen.strokeRect(a + 0.5, place.minimap + 0.5, Math.max(3, b - a - 1), MINIMAP - 1);
}
