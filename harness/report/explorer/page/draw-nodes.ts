import type { Token } from '../../palette.ts';
import type { Spell } from '../../nodes.ts';
import { fitted, font, nameRow, within, x, type Scene } from './scene.ts';

const BAR = 12;

const tokens: Readonly<Record<Spell['kind'], Token>> = {
  leader: 'leader',
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
    const top = middle - BAR / 2;
    nameRow(scene, node, middle, true);
    within(scene, top, BAR, () => {
      pen.fillStyle = inks.line2;
      pen.fillRect(place.gutter, top, width, BAR);
      for (const { says, kind, from, to } of run.about.spells.filter((spell) => spell.node === node)) {
        const [a, b] = [x(scene, from * 1e6), x(scene, to * 1e6)];
        if (b < place.gutter || a > width) continue;
        pen.fillStyle = inks[tokens[kind]];
        pen.fillRect(a, top, Math.max(2, b - a), BAR);
        font(pen, 10, 600);
        pen.fillStyle = kind === 'down' || kind === 'paused' ? '#1a1300' : '#ffffff';
        const left = Math.max(a, place.gutter) + 5;
        pen.fillText(fitted(pen, says, Math.min(b, width) - left - 2), left, middle + 0.5);
      }
    });
  }
}
