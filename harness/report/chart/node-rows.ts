import type { Html } from '../html.ts';
import { ink, type Token } from '../palette.ts';
import { spoken, type Spell } from '../nodes.ts';
import { element, rect, text } from '../svg.ts';
import { name } from '../words.ts';
import { NODE_ROW, scale, type Frame } from './frame.ts';

const tokens: Readonly<Record<Spell['kind'], Token>> = {
  leader: 'leader',
  deposed: 'bad-fill',
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
      drawn(
        spells.filter((spell) => spell.node === node),
        y,
        frame,
      ),
    );
  });
}

/** One by one where there is room for words, and those without as one shape a kind. */
function drawn(spells: readonly Spell[], y: number, frame: Frame): Html[] {
  const { x } = frame;
  // Stripes are the words of whoever is deposed, where there is room for a few.
  const single = (spell: Spell) =>
    labelOf(spell, frame) !== '' || (spell.kind === 'deposed' && x(spell.to) - x(spell.from) >= STRIPED);
  const wordless = Map.groupBy(
    spells.filter((spell) => !single(spell)),
    ({ kind }) => kind,
  );
  return [
    ...spells.filter(single).map((spell) => named(spell, y, frame)),
    ...[...wordless].map(([kind, of]) =>
      element('path', {
        d: of
          .map(
            ({ from, to }) =>
              `M${r(x(from))} ${y + 2}H${r(Math.max(x(from) + 2, x(to)))}v${NODE_ROW - 4}H${r(x(from))}z`,
          )
          .join(''),
        fill: ink(tokens[kind]),
      }),
    ),
  ];
}

const STRIPED = 15;

/** As many words as there is room for. */
function labelOf({ kind, says, from, to }: Spell, { x }: Frame): string {
  const fewest = kind === 'deposed' ? [says] : spoken(says);
  return fewest.find((words) => words.length * 6.2 <= x(to) - x(from) - 8) ?? '';
}

function named(spell: Spell, y: number, frame: Frame): Html {
  const { kind, says, from, to } = spell;
  const { x } = frame;
  const width = x(to) - x(from);
  const label = labelOf(spell, frame);
  const dark = kind !== 'down' && kind !== 'paused';
  return element(
    'g',
    {},
    label !== says && element('title', {}, says),
    rect(x(from), y + 2, width, NODE_ROW - 4, { fill: ink(tokens[kind]), rx: 2 }),
    kind === 'deposed' && stripes(x(from), y + 2, width),
    kind === 'deposed' &&
      label !== '' &&
      rect(x(from) + 3, y + 3, Math.min(width - 4, label.length * 6.4), NODE_ROW - 6, { fill: ink('panel') }),
    label !== '' &&
      text(x(from) + 5, y + 11.5, label, {
        'font-size': 10,
        'font-weight': 600,
        fill: kind === 'deposed' ? ink('bad') : dark ? '#ffffff' : '#1a1300',
      }),
  );
}

/** For whoever does not see that it is red. */
function stripes(left: number, top: number, width: number): Html {
  const [high, apart] = [NODE_ROW - 4, 7];
  const lines = Array.from({ length: Math.floor((width - 2) / apart) }, (_, i) => {
    const from = left + 1 + i * apart;
    return `M${r(from)} ${r(top + high)}L${r(Math.min(left + width, from + 5))} ${r(top)}`;
  });
  return element('path', { d: lines.join(''), stroke: ink('leader'), 'stroke-width': 2, fill: 'none' });
}

function r(n: number): string {
  return String(Math.round(n * 10) / 10);
}
