import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import type { Proof } from '../proof.ts';
import { element, line, text } from '../svg.ts';
import { name } from '../words.ts';
import { BAR, type Frame } from './frame.ts';

/** A client's line, with its name and the node that it spoke to. */
export function lane(process: number, y: number, { operations }: Proof, { left, right, size }: Frame): Html {
  const nodes = [
    ...new Set(operations.filter((o) => o.process === process).flatMap(({ node }) => node ?? [])),
  ];
  const via = nodes.length === 0 ? '' : `via ${nodes.map((node) => name(node, 14)).join(', ')}`;
  const client = `client ${process}`;
  const strong = { 'font-size': 12.5, 'font-weight': 600, fill: ink('text') };
  const rule = line(left, y + BAR / 2, right, y + BAR / 2, { stroke: ink('line') });
  if (size === 'narrow')
    return html`${rule}${text(left, y - 7, [element('tspan', strong, client), ` ${via}`], { fill: ink('muted') })}`;
  const end = { 'text-anchor': 'end' };
  return html`${rule}${text(left - 14, y + 10, client, { ...strong, ...end })}${text(left - 14, y + 25, via, { ...end, 'font-size': 11, fill: ink('muted') })}`;
}
