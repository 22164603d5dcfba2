import { fitted, font, MONO, nameRow, within, x, type Scene } from './scene.ts';

/** The axis, and faults as bands through everything with their names at the head. */
export function drawTime(scene: Scene): void {
  bands(scene);
  const { pen, inks, from, to, width, place } = scene;
  const step = nice((to - from) / ((width - place.gutter) / 110));
  font(pen, 11, 400, MONO);
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const at = x(scene, time);
    pen.fillStyle = inks.line2;
    pen.fillRect(at, place.nodes - 2, 1, place.minimap - place.nodes - 4);
    pen.fillStyle = inks.muted;
    if (at < width - 40) pen.fillText(label(time, step), at + 4, 12);
  }
  nameRow(scene, 'time', 12);
}

function bands(scene: Scene): void {
  const { pen, inks, run, place } = scene;
  const height = place.minimap - 6 - place.faults;
  within(scene, place.faults, height, () => {
    for (const { what, token, from, to } of run.about.faults) {
      const [a, b] = [x(scene, from * 1e6), x(scene, to * 1e6)];
      if (b < place.gutter || a > scene.width) continue;
      pen.fillStyle = inks[token];
      pen.globalAlpha = 0.1;
      pen.fillRect(a, place.faults, b - a, height);
      pen.globalAlpha = 1;
      pen.fillRect(a, place.faults, Math.max(2, b - a), 17);
      font(pen, 11, 600);
      pen.fillStyle = '#1a1300';
      const left = Math.max(a, place.gutter) + 5;
      pen.fillText(fitted(pen, what, Math.min(b, scene.width) - left - 3, 7), left, place.faults + 9);
    }
  });
  nameRow(scene, 'faults', place.faults + 9);
}

function label(time: number, step: number): string {
  const digits = step >= 1e6 ? 0 : Math.min(6, Math.ceil(-Math.log10(step / 1e6)));
  return `${(time / 1e6).toFixed(digits)}${step >= 1e6 ? ' s' : ''}`;
}

/** 1, 2 or 5 times a power of ten microseconds, and at least `least`. */
function nice(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power);
}
