import { firstFrom } from './lanes.ts';
import { BROKEN, FAILED, UNKNOWN, type Level } from './pyramid.ts';
import { fitted, font, MONO, nameRow, within, x, type Scene } from './scene.ts';
import { pixel } from './theme.ts';
import { sayOperation } from './words.ts';

/** The operations themselves: bars where a bin is wider than a pixel, otherwise what the pyramid knows of each pixel. */
export function drawLanes(scene: Scene): void {
  const { place, lanes, pen, inks, width } = scene;
  pen.fillStyle = inks.line;
  pen.fillRect(0, place.lanes - 5, width, 1);
  const first = Math.floor(place.scroll / place.laneHeight);
  const last = Math.min(lanes.names.length, Math.ceil((place.scroll + place.lanesHeight) / place.laneHeight));
  within(scene, place.lanes, place.lanesHeight, () => {
    const level = levelFor(scene);
    if (level === undefined) bars(scene, first, last);
    else overview(scene, level, first, last);
  });
  names(scene, first, last);
  scrollbar(scene);
}

export function isOverview(scene: Scene): boolean {
  return levelFor(scene) !== undefined;
}

/** The coarsest level whose bins are still no wider than a pixel. */
function levelFor({ pyramid, run, from, to, width, place }: Scene): Level | undefined {
  const pixels = ((width - place.gutter) * run.lasts) / (to - from);
  return pyramid.findLast(({ bins }) => bins >= pixels);
}

function overview(scene: Scene, { bins, worst, busy }: Level, first: number, last: number): void {
  const { pen, inks, run, from, to, width, place } = scene;
  const [columns, rows] = [Math.ceil(width - place.gutter), last - first];
  if (columns < 1 || rows < 1) return;
  const image = new ImageData(columns, rows);
  const texels = new Uint32Array(image.data.buffer);
  const colours = [0, pixel(inks.fast), pixel(inks.failed), pixel(inks.unknown), pixel(inks['bad-fill'])];
  const scale = bins / run.lasts;
  const perColumn = ((to - from) * scale) / columns;
  for (let row = 0; row < rows; row++) {
    const base = (first + row) * bins;
    for (let column = 0; column < columns; column++) {
      const at = from * scale + column * perColumn;
      const [a, b] = [Math.max(0, Math.floor(at)), Math.min(bins - 1, Math.floor(at + perColumn))];
      let [code, most] = [0, 0];
      for (let bin = a; bin <= b; bin++) {
        code = Math.max(code, worst[base + bin] as number);
        most = Math.max(most, busy[base + bin] as number);
      }
      if (code === 0) continue;
      const opacity = code === BROKEN || code === UNKNOWN ? 255 : code === FAILED ? 170 : 50 + most * 0.75;
      texels[row * columns + column] = ((opacity << 24) | (colours[code] as number)) >>> 0;
    }
  }
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  const top = place.lanes + first * place.laneHeight - place.scroll;
  pen.drawImage(canvas, 0, 0, columns, rows, place.gutter, top, columns, rows * place.laneHeight);
  pen.fillStyle = inks.panel;
  const gap = gapOf(place);
  for (let lane = first; lane < last; lane++)
    pen.fillRect(place.gutter, place.lanes + (lane + 1) * place.laneHeight - place.scroll - gap, width, gap);
}

function bars(scene: Scene, first: number, last: number): void {
  const { run, lanes, from, to, mask } = scene;
  for (let lane = first; lane < last; lane++) {
    const begin = firstFrom(run, lanes, lane, from - (lanes.longest[lane] as number));
    for (let i = begin; i < (lanes.first[lane + 1] as number); i++) {
      const row = lanes.rows[i] as number;
      if ((run.start[row] as number) > to) break;
      if ((run.end[row] as number) < from || (mask !== undefined && mask[row] === 0)) continue;
      bar(scene, row);
    }
  }
}

function bar(scene: Scene, row: number): void {
  const { pen, inks, run, focus, broken, hatch, involved } = scene;
  const { left, top, width, height } = box(scene, row);
  const outcome = run.outcome[row] as number;
  const token = run.about.tokens[run.f[row] as number] ?? 'other';
  pen.globalAlpha = focus >= 0 && run.key[row] !== focus && !involved.has(row) ? 0.18 : 1;
  pen.fillStyle = outcome === 0 ? inks[broken.has(row) ? 'bad-fill' : token] : inks.panel;
  pen.fillRect(left, top, width, height);
  if (outcome === 2) {
    pen.fillStyle = hatch;
    pen.fillRect(left, top, width, height);
  }
  if (outcome === 1) {
    pen.strokeStyle = inks.failed;
    pen.lineWidth = 1;
    pen.strokeRect(left + 0.5, top + 0.5, Math.max(1, width - 1), height - 1);
  }
  if (width > 26 && height > 8) label(scene, row, left, top, width, height);
  pen.globalAlpha = 1;
}

function label(
  { pen, inks, run, place }: Scene,
  row: number,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  font(pen, Math.min(11, height), 500, MONO);
  const from = Math.max(left, place.gutter) + 3;
  const text = fitted(pen, sayOperation(run, row), left + width - from - 3);
  if (text === '') return;
  const outcome = run.outcome[row];
  if (outcome === 2) {
    pen.fillStyle = inks.panel;
    pen.fillRect(from - 1, top + 1, pen.measureText(text).width + 3, height - 2);
  }
  pen.fillStyle = outcome === 0 ? '#ffffff' : inks.text;
  pen.fillText(text, from, top + height / 2 + 0.5);
}

/** Where an operation's bar is. */
export function box(scene: Scene, row: number): { left: number; top: number; width: number; height: number } {
  const { run, lanes, place } = scene;
  const left = x(scene, run.start[row] as number);
  const lane = lanes.laneOf[row] as number;
  return {
    left,
    top: place.lanes + lane * place.laneHeight - place.scroll,
    width: Math.max(2, x(scene, run.end[row] as number) - left - 0.6),
    height: place.laneHeight - gapOf(place),
  };
}

/** Between one lane and the next. */
function gapOf({ laneHeight }: Scene['place']): number {
  return Math.min(1.5, laneHeight * 0.2);
}

/** A name a lane, or, where lanes are too low for that, a name a group. */
function names(scene: Scene, first: number, last: number): void {
  const { pen, inks, place, lanes, width } = scene;
  const y = (lane: number) => place.lanes + lane * place.laneHeight - place.scroll;
  pen.save();
  pen.beginPath();
  pen.rect(0, place.lanes, width, place.lanesHeight);
  pen.clip();
  if (place.laneHeight >= 11)
    for (let lane = first; lane < last; lane++) nameRow(scene, lanes.names[lane] ?? '', y(lane + 0.5));
  else
    for (let begin = 0, lane = 1, written = -Infinity; lane <= lanes.names.length; lane++) {
      if (lane < lanes.names.length && lanes.groups[lane] === lanes.groups[begin]) continue;
      const middle = (Math.max(y(begin), place.lanes) + y(lane)) / 2;
      // Of groups that are lower than a line of text, as many as can be read.
      if (middle - written >= 12) {
        nameRow(scene, lanes.groups[begin] ?? '', middle);
        written = middle;
      }
      pen.fillStyle = inks.line;
      if (y(lane) - y(begin) >= 12) pen.fillRect(0, y(lane) - 1, width, 1);
      begin = lane;
    }
  pen.restore();
}

function scrollbar({ pen, inks, place, lanes, width }: Scene): void {
  const all = lanes.names.length * place.laneHeight;
  if (all <= place.lanesHeight) return;
  const share = place.lanesHeight / all;
  pen.fillStyle = inks.line;
  pen.fillRect(width - 6, place.lanes, 4, place.lanesHeight);
  pen.fillStyle = inks.faint;
  pen.fillRect(width - 6, place.lanes + place.scroll * share, 4, place.lanesHeight * share);
}
