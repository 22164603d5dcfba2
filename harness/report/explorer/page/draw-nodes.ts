import type { Token } from '../../palette.ts';
import { spoken, type Spell } from '../../nodes.ts';
import { font, nameRow, within, x, type Scene } from './scene.ts';

/** Lower where messages go from one to the next. */
const [BAR, THIN] = [12, 6];

const tokens: Readonly<Record<Spell['kind'], Token>> = {
  leader: 'leader',
  deposed: 'bad-fill',
  role: 'other',
  down: 'kill',
  paused: 'pause',
  died: 'bad-fill',
};

/** A row a node: who led when, who was down. */
export function drawNodes(scene: Scene): void {
  const { pen, inks, run, place, width } = scene;
  for (const [i, node] of place.nodeNames.entries()) {
    const middle = place.nodes + (i + 0.5) * place.nodeHeight;
    const high = place.apart ? THIN : BAR;
    const top = middle - high / 2;
    // Above a bar that is too low for it, out of the messages' way as far as can be.
    const line = place.apart ? top - 7 : middle + 0.5;
    nameRow(scene, node, middle, true);
    within(scene, top - 14, high + 14, () => {
      pen.fillStyle = inks.line2;
      pen.fillRect(place.gutter, top, width, high);
      for (const { says, kind, from, to } of run.about.spells.filter((spell) => spell.node === node)) {
        const [a, b] = [x(scene, from * 1e6), x(scene, to * 1e6)];
        if (b < place.gutter || a > width) continue;
        pen.fillStyle = inks[tokens[kind]];
        pen.fillRect(a, top, Math.max(2, b - a), high);
        if (kind === 'deposed') stripes(scene, Math.max(a, place.gutter), Math.min(b, width), top, high);
        font(pen, 10, 600);
        const [upon, beside] =
          kind === 'down' || kind === 'paused' ? ['#1a1300', inks.text] : ['#ffffff', inks.text];
        const left = Math.max(a, place.gutter) + 5;
        const room = Math.min(b, width) - left - 2;
        const text =
          (kind === 'deposed' ? [says] : spoken(says)).find(
            (words) => pen.measureText(words).width <= room,
          ) ?? '';
        const beneath = place.apart || kind === 'deposed';
        if (beneath && text !== '') {
          pen.fillStyle = inks.panel;
          pen.globalAlpha = 0.9;
          pen.fillRect(left - 2, line - 6, pen.measureText(text).width + 4, 12);
          pen.globalAlpha = 1;
        }
        pen.fillStyle = kind === 'deposed' ? inks.bad : place.apart ? beside : upon;
        pen.fillText(text, left, line);
      }
    });
  }
}

/** For whoever does not see that it is red. */
function stripes({ pen, inks }: Scene, from: number, to: number, top: number, high: number): void {
  pen.strokeStyle = inks.leader;
  pen.lineWidth = 2;
  pen.beginPath();
  for (let left = from - (from % 7); left < to - 3; left += 7) {
    pen.moveTo(left, top + high);
    pen.lineTo(left + 5, top);
  }
  pen.stroke();
}
