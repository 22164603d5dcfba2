import { completes, drawAnomalies } from './draw-anomalies.ts';
import { box, drawLanes } from './draw-lanes.ts';
import { drawLatency } from './draw-latency.ts';
import { drawLetters } from './draw-letters.ts';
import { drawMinimap } from './draw-minimap.ts';
import { drawNodes } from './draw-nodes.ts';
import { drawRate } from './draw-rate.ts';
import { drawRuler, type Ruler } from './draw-ruler.ts';
import { drawTime } from './draw-time.ts';
import { firstFrom, folded, lanesOf, type Grouping, type Lanes } from './lanes.ts';
import type { Run } from './load.ts';
import { pyramidOf, type Level } from './pyramid.ts';
import { layOut, timeAt, within, type Layout, type Scene } from './scene.ts';
import { hatching, inks, type Inks } from './theme.ts';
import { totalsOf, type Totals } from './totals.ts';

/** The least that is shown at a time, in microseconds. */
const CLOSEST = 200;

/** The picture on its canvas: what is looked at, and how to look elsewhere. It draws at most once a frame. */
export class Timeline {
  readonly canvas: HTMLCanvasElement;
  readonly run: Run;
  /** Told after every frame: the view or the selection may have changed. */
  changed: () => void = () => undefined;
  from = 0;
  to: number;
  selected = -1;
  focus = -1;
  lanes: Lanes;
  /** Whether lanes with nothing to see in view were folded away. */
  folded = false;
  /** Whether the messages between nodes are drawn. */
  letters = false;
  place: Layout;
  /** What is measured, where something is. */
  ruler: Ruler | undefined;
  /** Counts up with every filter: two views of the same stretch may hold different operations. */
  kept = 0;
  readonly #pen: CanvasRenderingContext2D;
  readonly #involved: ReadonlySet<number>;
  readonly #broken: ReadonlySet<number>;
  #pyramid: readonly Level[];
  #totals: Totals;
  #mask: Uint8Array | undefined;
  #inks: Inks = inks();
  #hatch: CanvasPattern;
  #width = 600;
  #scroll = 0;
  #due = false;
  #flight = 0;
  #marked: number | undefined;

  constructor(run: Run, canvas: HTMLCanvasElement) {
    this.run = run;
    this.canvas = canvas;
    this.to = run.lasts;
    this.#pen = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
    this.#involved = new Set(run.about.anomalies.flatMap(({ operations }) => operations));
    this.#broken = new Set(run.about.anomalies.map((anomaly) => completes(run, anomaly)));
    this.lanes = lanesOf(run, 'client');
    this.#pyramid = pyramidOf(run, this.lanes, undefined, this.#broken);
    this.#totals = totalsOf(run, undefined);
    this.#hatch = hatching(this.#pen, this.#inks.unknown);
    this.place = layOut(run, this.lanes, this.#width, 0, false);
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement as HTMLElement);
    this.resize();
  }

  get mask(): Uint8Array | undefined {
    return this.#mask;
  }

  get by(): Grouping {
    return this.lanes.by;
  }

  group(by: Grouping): void {
    this.folded = false;
    this.#layLanes(lanesOf(this.run, by));
  }

  /** Leaves the lanes in which something is to be seen now, or all of them: of the key in focus, of what is not filtered out. */
  fold(away: boolean): void {
    const all = lanesOf(this.run, this.by);
    const seen = away ? this.#lanesWorthSeeing(all) : new Set<number>();
    this.folded = seen.size > 0 && seen.size < all.names.length;
    this.#layLanes(this.folded ? folded(all, seen) : all);
  }

  #lanesWorthSeeing({ laneOf }: Lanes): ReadonlySet<number> {
    const { run, from, to, focus } = this;
    const seen = new Set<number>();
    for (let row = 0; row < laneOf.length && (run.start[row] as number) <= to; row++) {
      if ((run.end[row] as number) < from || this.#mask?.[row] === 0) continue;
      if (focus < 0 || run.key[row] === focus || this.#involved.has(row)) seen.add(laneOf[row] as number);
    }
    return seen;
  }

  #layLanes(lanes: Lanes): void {
    this.lanes = lanes;
    this.#pyramid = pyramidOf(this.run, this.lanes, this.#mask, this.#broken);
    this.#scroll = 0;
    this.resize();
    if (this.selected >= 0) this.#reveal(this.selected);
  }

  /** Draws the messages between nodes, or no longer; where none are known, there is nothing to draw. */
  showLetters(shown: boolean): void {
    this.letters = shown && this.run.about.around.letters > 0;
    this.resize();
  }

  /** Shows only the rows of the mask, or all. What is drawn from afar is counted again, or it would lie. */
  keep(mask: Uint8Array | undefined): void {
    this.#mask = mask;
    this.kept++;
    this.#pyramid = pyramidOf(this.run, this.lanes, mask, this.#broken);
    this.#totals = totalsOf(this.run, mask);
    this.redraw();
  }

  /** Measures from one moment to another, or no longer. */
  measure(a?: number, b?: number): void {
    this.ruler =
      a === undefined || b === undefined ? undefined : { from: Math.min(a, b), to: Math.max(a, b) };
    this.redraw();
  }

  /** From the end of one operation to the beginning of another: marks the selected one, and measures to the next that is. */
  mark(): void {
    const row = this.selected;
    if (row < 0) return;
    const [start, end] = [this.run.start[row] as number, this.run.end[row] as number];
    if (this.#marked === undefined) this.#marked = Number.isFinite(end) ? end : start;
    else {
      this.measure(this.#marked, start);
      this.#marked = undefined;
    }
  }

  show(from: number, to: number): void {
    const wide = Math.min(this.run.lasts, Math.max(CLOSEST, to - from));
    const middle = (from + to) / 2;
    this.from = Math.max(0, Math.min(this.run.lasts - wide, middle - wide / 2));
    this.to = this.from + wide;
    this.redraw();
  }

  /** What to come closer to: the selected operation where it is in view. */
  middle(): number {
    const at = ((this.run.start[this.selected] ?? Number.NaN) + (this.run.end[this.selected] as number)) / 2;
    return at >= this.from && at <= this.to ? at : (this.from + this.to) / 2;
  }

  zoom(factor: number, around: number): void {
    this.show(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  pan(by: number): void {
    this.show(this.from + by, this.to + by);
  }

  scrollTo(scroll: number): void {
    this.#scroll = scroll;
    this.place = layOut(this.run, this.lanes, this.#width, this.#scroll, this.letters);
    this.#scroll = this.place.scroll;
    this.redraw();
  }

  /** Goes there in a moment, so that one sees where one comes from; at once, for those who would rather not be moved. */
  fly(from: number, to: number): void {
    cancelAnimationFrame(this.#flight);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.show(from, to);
    const [began, start] = [
      performance.now(),
      { middle: (this.from + this.to) / 2, wide: this.to - this.from },
    ];
    const [middle, wide] = [(from + to) / 2, Math.max(CLOSEST, to - from)];
    const step = () => {
      const t = Math.min(1, (performance.now() - began) / 350);
      const eased = t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
      const now = start.wide * (wide / start.wide) ** eased;
      const at = start.middle + (middle - start.middle) * eased;
      this.show(at - now / 2, at + now / 2);
      if (t < 1) this.#flight = requestAnimationFrame(step);
    };
    step();
  }

  select(row: number): void {
    this.selected = row;
    if (row >= 0) this.#reveal(row);
    this.redraw();
  }

  /** Looks at an anomaly: its operations in view, its key in focus, the step that cannot be selected. */
  look(number: number): void {
    const anomaly = this.run.about.anomalies[number];
    if (anomaly === undefined) return;
    const last = completes(this.run, anomaly);
    const near = anomaly.operations
      .toSorted((a, b) => (this.run.end[a] as number) - (this.run.end[b] as number))
      .slice(-2);
    const from = Math.min(...near.map((row) => this.run.start[row] as number));
    const to = this.run.end[last] as number;
    this.focus = this.run.key[last] as number;
    this.select(last);
    this.fly(from - (to - from) * 0.5, to + (to - from) * 0.5);
  }

  unfocus(): void {
    this.focus = -1;
    this.redraw();
  }

  /** The operation under a point of the canvas, or within three pixels of it; −1 where there is none. */
  pick(x: number, y: number): number {
    const { place, run, lanes } = this;
    if (x < place.gutter || y < place.lanes || y >= place.lanes + place.lanesHeight) return -1;
    const lane = Math.floor((y - place.lanes + place.scroll) / place.laneHeight);
    if (lane >= lanes.names.length) return -1;
    const time = timeAt(this.#scene(), x);
    const near = (3 * (this.to - this.from)) / this.#width;
    let [best, distance] = [-1, near];
    const begin = firstFrom(run, lanes, lane, time - (lanes.longest[lane] as number) - near);
    for (let i = begin; i < (lanes.first[lane + 1] as number); i++) {
      const row = lanes.rows[i] as number;
      const [start, end] = [run.start[row] as number, run.end[row] as number];
      if (start > time + near) break;
      const away = Math.max(0, start - time, time - end);
      if (away <= distance) [best, distance] = [row, away];
    }
    return best;
  }

  timeAt(x: number): number {
    return timeAt(this.#scene(), x);
  }

  repaint(): void {
    this.#inks = inks();
    this.#hatch = hatching(this.#pen, this.#inks.unknown);
    this.redraw();
  }

  resize(): void {
    const { canvas } = this;
    this.#width = Math.max(280, Math.floor((canvas.parentElement as HTMLElement).clientWidth));
    this.place = layOut(this.run, this.lanes, this.#width, this.#scroll, this.letters);
    const ratio = Math.min(2, devicePixelRatio || 1);
    canvas.width = this.#width * ratio;
    canvas.height = this.place.height * ratio;
    canvas.style.width = `${this.#width}px`;
    canvas.style.height = `${this.place.height}px`;
    // At once: a canvas of a new size is black until something is drawn.
    this.#draw();
    this.redraw();
  }

  redraw(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
      this.changed();
    });
  }

  #draw(): void {
    const scene = this.#scene();
    const { pen, place } = scene;
    const ratio = this.canvas.width / this.#width;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.textBaseline = 'middle';
    pen.fillStyle = this.#inks.panel;
    pen.fillRect(0, 0, this.#width, place.height);
    drawTime(scene);
    drawNodes(scene);
    if (this.letters) drawLetters(scene);
    drawRate(scene);
    drawLatency(scene);
    drawLanes(scene);
    drawAnomalies(scene);
    drawMinimap(scene);
    this.#drawSelected(scene);
    if (this.ruler) drawRuler(scene, this.ruler);
  }

  #drawSelected(scene: Scene): void {
    if (this.selected < 0) return;
    const { pen, inks: colours, place } = scene;
    const { left, top, width, height } = box(scene, this.selected);
    within(scene, place.lanes, place.lanesHeight, () => {
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 2;
      pen.strokeRect(left - 5, top - 5, width + 10, height + 10);
    });
  }

  #scene(): Scene {
    return {
      pen: this.#pen,
      inks: this.#inks,
      hatch: this.#hatch,
      run: this.run,
      lanes: this.lanes,
      pyramid: this.#pyramid,
      totals: this.#totals,
      mask: this.#mask,
      involved: this.#involved,
      broken: this.#broken,
      focus: this.focus,
      selected: this.selected,
      from: this.from,
      to: this.to,
      width: this.#width,
      place: this.place,
    };
  }

  /** Brings an operation into view, where it is not. */
  #reveal(row: number): void {
    if ((this.lanes.laneOf[row] as number) < 0) this.fold(false);
    const { place } = this;
    const top = (this.lanes.laneOf[row] as number) * place.laneHeight;
    if (top < place.scroll || top + place.laneHeight > place.scroll + place.lanesHeight)
      this.scrollTo(top - place.lanesHeight / 2);
    const [start, end] = [this.run.start[row] as number, this.run.end[row] as number];
    if (start > this.to || end < this.from) this.pan((start + end) / 2 - (this.from + this.to) / 2);
  }
}
