import type { Token } from '../../palette.ts';
import type { Run } from './load.ts';
import { font, MONO, within, x, type Scene } from './scene.ts';

/** With more than these in view, a picture of them is a grey field. */
const MOST = 1_500;
/** With so few, each can be named. */
const NAMED = 60;
/** With more, each is drawn more faintly, so that what is rare still shows. */
const DENSE = 150;

const tokens: readonly Token[] = ['read', 'write', 'cas', 'leader', 'slow', 'other'];

/** Messages as a space-time diagram between the nodes' rows, on the axis of time of everything else. */
export function drawLetters(scene: Scene): void {
  const { pen, inks, run, place, from, to } = scene;
  const { nodeNames, nodes, nodeHeight } = place;
  const inView = lettersIn(run, from, to);
  within(scene, nodes, nodeNames.length * nodeHeight, () => {
    if (inView.length > MOST) {
      font(pen, 11);
      pen.fillStyle = inks.muted;
      const text = `${inView.length.toLocaleString('en-US')} messages in view: come closer to see them`;
      pen.fillText(text, place.gutter + 8, nodes + nodeHeight);
      return;
    }
    const rows = run.about.around.places.map((name) => nodeNames.indexOf(name));
    const labels = inView.length <= NAMED ? new Labels() : undefined;
    const faint = Math.max(0.35, Math.min(1, DENSE / inView.length));
    for (const letter of inView) draw(scene, rows, letter, labels, faint);
  });
}

/** The messages that were on their way at some moment of the view. */
function lettersIn({ letters, slowestLetter }: Run, from: number, to: number): number[] {
  const { sent, arrived } = letters;
  let [low, high] = [0, sent.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sent[middle] as number) < from - slowestLetter) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let i = low; i < sent.length && (sent[i] as number) <= to && found.length <= MOST; i++)
    if ((arrived[i] as number) >= from) found.push(i);
  return found;
}

function draw(
  scene: Scene,
  rows: readonly number[],
  letter: number,
  labels: Labels | undefined,
  faint: number,
): void {
  const { pen, inks, run, place } = scene;
  const { letters } = run;
  const [a, b] = [rows[letters.from[letter] as number], rows[letters.to[letter] as number]];
  if (a === undefined || b === undefined || a < 0 || b < 0) return;
  const middle = (row: number) => place.nodes + (row + 0.5) * place.nodeHeight;
  const sent = letters.sent[letter] as number;
  const arrived = letters.arrived[letter] as number;
  const lost = arrived === Infinity;
  const [x0, y0] = [x(scene, sent), middle(a)];
  // One that was lost goes half of the way, and nobody knows how fast.
  const [x1, y1] = lost ? [x0 + 14, (y0 + middle(b)) / 2] : [x(scene, arrived), middle(b)];
  const name = letters.name[letter] as number;
  pen.strokeStyle = lost ? inks.bad : inks[tokens[name % tokens.length] as Token];
  pen.lineWidth = 1.2;
  // What was on its way before the view and still is after it lay in a queue all the while: a backdrop.
  const lay = sent < scene.from && arrived > scene.to;
  pen.globalAlpha = lay ? 0.12 : lost ? 1 : faint;
  pen.setLineDash((run.about.around.letterNames[name] ?? '').endsWith(' reply') ? [4, 3] : []);
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  if (lost) cross(pen, x1, y1);
  pen.stroke();
  pen.setLineDash([]);
  if (!lost) head(pen, x0, y0, x1, y1);
  pen.globalAlpha = 1;
  labels?.draw(scene, letter, (x0 + x1) / 2, (y0 + y1) / 2);
}

function cross(pen: CanvasRenderingContext2D, at: number, y: number): void {
  pen.moveTo(at - 4, y - 4);
  pen.lineTo(at + 4, y + 4);
  pen.moveTo(at - 4, y + 4);
  pen.lineTo(at + 4, y - 4);
}

function head(pen: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  pen.fillStyle = pen.strokeStyle;
  pen.beginPath();
  pen.moveTo(x1, y1);
  for (const turn of [0.4, -0.4])
    pen.lineTo(x1 - 7 * Math.cos(angle + turn), y1 - 7 * Math.sin(angle + turn));
  pen.fill();
}

/** The messages' names, as far as none would lie upon another. */
class Labels {
  readonly #taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];

  draw({ pen, inks, run }: Scene, letter: number, at: number, y: number): void {
    const { letters, about } = run;
    const term = letters.term[letter] as number;
    const text = `${about.around.letterNames[letters.name[letter] as number] ?? ''}${term < 0 ? '' : ` ${term}`}`;
    font(pen, 10, 400, MONO);
    const [left, right] = [at + 3, at + 7 + pen.measureText(text).width];
    if (this.#taken.some((box) => box.left < right && left < box.right && Math.abs(box.y - y) < 12)) return;
    this.#taken.push({ left, right, y });
    pen.fillStyle = inks.panel;
    pen.globalAlpha = 0.85;
    pen.fillRect(left, y - 6, right - left, 12);
    pen.globalAlpha = 1;
    pen.fillStyle = inks.muted;
    pen.fillText(text, left + 2, y);
  }
}
