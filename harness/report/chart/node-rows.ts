import type { Html } from '../html.ts';
import { ink, type Token } from '../palette.ts';
import type { Spell } from '../nodes.ts';
import { element, rect, text } from '../svg.ts';
import { clip, name } from '../words.ts';
import { NODE_ROW, scale, type Frame } from './frame.ts';

const tokens: Readonly<Record<Spell['kind'], Token>> = {
  leader: 'leader',
  role: 'other',
  down: 'kill',
  paused: 'pause',
  died: 'bad-fill',
};

/** A row a node: who led when, who was down. Two leaders at once are two bars above each other. */
export function nodeRows(
  nodes: readonly string[],
  spells: readonly Spell[],
  top: number,
  frame: Frame,
): Html[] {
  return nodes.map((node, i) => {
    const y = top + i * NODE_ROW;
    return element(
      'g',
      { class: 'node' },
      scale(frame, y + 11, name(node, 9), 'text'),
      rect(frame.left, y + 2, frame.right - frame.left, NODE_ROW - 4, { fill: ink('line2') }),
      spells.filter((spell) => spell.node === node).map((spell) => drawn(spell, y, frame)),
    );
  });
}

function drawn({ kind, says, from, to }: Spell, y: number, { x }: Frame): Html {
  const width = Math.max(2, x(to) - x(from));
  const label = clip(says, Math.max(0, Math.floor((width - 8) / 6.2)));
  const dark = kind === 'leader' || kind === 'role' || kind === 'died';
  return element(
    'g',
    {},
    element('title', {}, says),
    rect(x(from), y + 2, width, NODE_ROW - 4, { fill: ink(tokens[kind]), rx: 2 }),
    (label === says || label.length > 5) &&
      text(x(from) + 5, y + 11.5, label, {
        'font-size': 10,
        'font-weight': 600,
        fill: dark ? '#ffffff' : '#1a1300',
      }),
  );
}
