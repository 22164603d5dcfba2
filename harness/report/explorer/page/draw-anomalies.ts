import { span } from '../../words.ts';
import type { ShownAnomaly } from '../manifest.ts';
import { box, isOverview } from './draw-lanes.ts';
import type { Run } from './load.ts';
import { font, within, x, type Scene } from './scene.ts';

/** The operation that completes an anomaly: the last of it to return. */
export function completes(run: Run, { operations }: ShownAnomaly): number {
  return operations.toSorted((a, b) => (run.end[a] as number) - (run.end[b] as number)).at(-1) ?? 0;
}

/** Flags on the axis, frames around the operations, and, for the one looked at, the way from one to the next. */
export function drawAnomalies(scene: Scene): void {
  const { run, place, involved, focus } = scene;
  within(scene, 0, place.minimap - 6, () => {
    // The first lies on top.
    for (const [i, anomaly] of [...run.about.anomalies.entries()].toReversed()) flag(scene, anomaly, i + 1);
  });
  within(scene, place.lanes, place.lanesHeight, () => {
    for (const row of involved) frame(scene, row);
    const looked = run.about.anomalies.find(({ operations }) =>
      operations.some((row) => run.key[row] === focus),
    );
    if (looked !== undefined && !isOverview(scene)) path(scene, looked);
  });
}

function flag(scene: Scene, anomaly: ShownAnomaly, number: number): void {
  const { pen, inks, run, place, width } = scene;
  const exact = x(scene, run.start[completes(run, anomaly)] as number);
  // At the edge, the flag stands beside its line rather than half outside.
  const at = exact > width ? exact : Math.min(exact, width - 7);
  pen.fillStyle = inks.bad;
  pen.globalAlpha = 0.55;
  pen.fillRect(exact, place.faults, 1, place.minimap - place.faults - 6);
  pen.globalAlpha = 1;
  pen.fillStyle = inks['bad-fill'];
  pen.beginPath();
  pen.moveTo(at - 6, 3);
  pen.lineTo(at + 6, 3);
  pen.lineTo(at + 6, 15);
  pen.lineTo(at, 21);
  pen.lineTo(at - 6, 15);
  pen.fill();
  pen.fillStyle = '#ffffff';
  font(pen, 10, 700);
  pen.textAlign = 'center';
  pen.fillText(String(number), at, 10);
  pen.textAlign = 'left';
}

function frame(scene: Scene, row: number): void {
  const { pen, inks, broken } = scene;
  const { left, top, width, height } = box(scene, row);
  pen.strokeStyle = broken.has(row) ? inks.bad : inks.text;
  pen.lineWidth = 2;
  pen.strokeRect(left - 2, top - 2, width + 4, height + 4);
}

/** From what had completed last before the impossible step to that step, with the time in between. */
function path(scene: Scene, anomaly: ShownAnomaly): void {
  const { pen, inks, run } = scene;
  const last = completes(run, anomaly);
  const before = anomaly.operations
    .filter((row) => (run.end[row] as number) < (run.start[last] as number))
    .toSorted((a, b) => (run.end[a] as number) - (run.end[b] as number))
    .at(-1);
  if (before === undefined) return;
  const [a, b] = [box(scene, before), box(scene, last)];
  const from = { x: a.left + a.width + 2, y: a.top + a.height / 2 };
  const to = { x: b.left - 2, y: b.top + b.height / 2 };
  pen.strokeStyle = inks.bad;
  pen.lineWidth = 1.5;
  pen.setLineDash([4, 3]);
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
  pen.setLineDash([]);
  if (to.x - from.x < 90) return;
  const text = span(((run.start[last] as number) - (run.end[before] as number)) / 1e6);
  font(pen, 11, 600);
  const width = pen.measureText(text).width + 14;
  const [x0, y0] = [(from.x + to.x - width) / 2, (from.y + to.y) / 2];
  pen.fillStyle = inks['bad-fill'];
  pen.beginPath();
  pen.roundRect(x0, y0 - 9, width, 18, 9);
  pen.fill();
  pen.fillStyle = '#ffffff';
  pen.fillText(text, x0 + 7, y0 + 0.5);
}
