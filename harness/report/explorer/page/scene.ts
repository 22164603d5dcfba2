import { naturally, type Lanes } from './lanes.ts';
import type { Run } from './load.ts';
import type { Level } from './pyramid.ts';
import type { Totals } from './totals.ts';
import type { Inks } from './theme.ts';

/** What a layer of the picture needs to draw itself. Made anew for every frame; layers keep nothing. */
export interface Scene {
  readonly pen: CanvasRenderingContext2D;
  readonly inks: Inks;
  readonly hatch: CanvasPattern;
  readonly run: Run;
  readonly lanes: Lanes;
  readonly pyramid: readonly Level[];
  readonly totals: Totals;
  readonly mask: Uint8Array | undefined;
  /** Rows that take part in an anomaly, and those that complete one. */
  readonly involved: ReadonlySet<number>;
  readonly broken: ReadonlySet<number>;
  /** The key that is looked at; everything else fades. −1 for none. */
  readonly focus: number;
  readonly selected: number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly place: Layout;
}

/** Where the rows of the picture begin, in pixels. */
export interface Layout {
  readonly gutter: number;
  readonly faults: number;
  readonly nodes: number;
  readonly nodeNames: readonly string[];
  readonly nodeHeight: number;
  /** Whether they stand apart, for messages between them. */
  readonly apart: boolean;
  readonly rate: number;
  readonly latency: number;
  readonly lanes: number;
  readonly laneHeight: number;
  readonly lanesHeight: number;
  readonly scroll: number;
  readonly minimap: number;
  readonly height: number;
}

const MOST_NODES = 12;

/** Of a node's row, and where messages are drawn between the rows. */
const [NODE, NODE_APART] = [16, 54];
export const RATE = 44;
export const LATENCY = 66;
export const MINIMAP = 28;

/** How low and how high lanes may be; between the two they share the height that there is. */
const laneHeights = { client: [3, 20], node: [24, 36], key: [12, 16] } as const;
const LANES = 430;

export function layOut(run: Run, lanes: Lanes, width: number, scroll: number, letters: boolean): Layout {
  const gutter = width < 600 ? 74 : 122;
  const { spells, nodes: known, around } = run.about;
  // Where there is no room for all, those of which something is known.
  const nodeNames =
    spells.length === 0 && !letters
      ? []
      : [...new Set([...spells.map(({ node }) => node), ...(letters ? around.places : []), ...known])]
          .slice(0, MOST_NODES)
          .toSorted(naturally);
  const nodeHeight = letters ? NODE_APART : NODE;
  const faults = 24;
  const nodes = faults + 22;
  const rate = nodes + nodeNames.length * nodeHeight + 8;
  const latency = rate + RATE + 10;
  const lanesTop = latency + LATENCY + 12;
  const [low, high] = laneHeights[lanes.by];
  const laneHeight = Math.max(low, Math.min(high, Math.floor(LANES / lanes.names.length)));
  const all = lanes.names.length * laneHeight;
  const lanesHeight = Math.max(laneHeight, Math.min(all, LANES));
  const minimap = lanesTop + lanesHeight + 10;
  return {
    gutter,
    faults,
    nodes,
    nodeNames,
    nodeHeight,
    apart: letters,
    rate,
    latency,
    lanes: lanesTop,
    laneHeight,
    lanesHeight,
    scroll: Math.max(0, Math.min(scroll, all - lanesHeight)),
    minimap,
    height: minimap + MINIMAP + 6,
  };
}

export function x(
  { from, to, width, place }: Pick<Scene, 'from' | 'to' | 'width' | 'place'>,
  time: number,
): number {
  return place.gutter + ((time - from) / (to - from)) * (width - place.gutter);
}

export function timeAt(
  { from, to, width, place }: Pick<Scene, 'from' | 'to' | 'width' | 'place'>,
  at: number,
): number {
  return from + ((at - place.gutter) / (width - place.gutter)) * (to - from);
}

/** Draws to the right of the names only, between `top` and `top + height`. */
export function within({ pen, width, place }: Scene, top: number, height: number, draw: () => void): void {
  pen.save();
  pen.beginPath();
  pen.rect(place.gutter, top, width - place.gutter, height);
  pen.clip();
  draw();
  pen.restore();
}

const SANS = 'system-ui,sans-serif';
export const MONO = 'ui-monospace,Menlo,Consolas,monospace';

export function font(pen: CanvasRenderingContext2D, size: number, weight = 400, family = SANS): void {
  pen.font = `${weight} ${size}px ${family}`;
}

/** The name of a row, to its left. */
export function nameRow({ pen, inks, place }: Scene, text: string, middle: number, strong = false): void {
  pen.fillStyle = strong ? inks.text : inks.muted;
  font(pen, 11, strong ? 600 : 400);
  pen.textAlign = 'right';
  pen.fillText(text, place.gutter - 9, middle, place.gutter - 12);
  pen.textAlign = 'left';
}

/** What a row of figures is about, further to the left, where its scale leaves room. */
export function nameScale({ pen, inks, place, width }: Scene, text: string, middle: number): void {
  if (width < 600) return;
  pen.fillStyle = inks.text;
  font(pen, 11);
  pen.fillText(text, 10, middle, place.gutter - 70);
}

/** As much of a text as there is room for; nothing where that would be less than `least` letters. */
export function fitted(pen: CanvasRenderingContext2D, text: string, width: number, least = 2): string {
  if (pen.measureText(text).width <= width) return text;
  const share = width / Math.max(1, pen.measureText(text).width);
  const kept = Math.floor(text.length * share) - 1;
  return kept < least ? '' : `${text.slice(0, kept)}…`;
}
