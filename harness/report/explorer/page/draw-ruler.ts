import { span } from '../../words.ts';
import { font, within, x, type Scene } from './scene.ts';

/** From one moment to another, in microseconds. */
export interface Ruler {
  readonly from: number;
  readonly to: number;
}

/** How far apart two moments are, over all rows. */
export function drawRuler(scene: Scene, { from, to }: Ruler): void {
  const { pen, inks, place } = scene;
  const [a, b] = [x(scene, from), x(scene, to)];
  const [top, height] = [place.faults, place.minimap - place.faults - 6];
  within(scene, 0, place.minimap - 6, () => {
    pen.fillStyle = inks.accent;
    pen.globalAlpha = 0.12;
    pen.fillRect(a, top, b - a, height);
    pen.globalAlpha = 1;
    pen.fillRect(a, top, 1, height);
    pen.fillRect(b, top, 1, height);
    font(pen, 11, 600);
    const text = `Δt ${span((to - from) / 1e6)}`;
    const width = pen.measureText(text).width + 14;
    const left = Math.max(place.gutter + 2, Math.min(scene.width - width - 2, (a + b - width) / 2));
    pen.beginPath();
    pen.roundRect(left, place.lanes - 14, width, 18, 9);
    pen.fill();
    pen.fillStyle = inks.panel;
    pen.fillText(text, left + 7, place.lanes - 4.5);
  });
}
