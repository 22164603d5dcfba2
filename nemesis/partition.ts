import type { Fault, Field, Injection } from '../harness/fault.ts';
import { baseline, evidenceOfCut, evidenceOfLinks, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { drawShape, leavesMajority, type Shape, type ShapeName } from './shapes.ts';
import { keepsQuorum, leaderAmong } from './targets.ts';

const variants: readonly ShapeName[] = [
  'halves',
  'one',
  'majority',
  'majorities-ring',
  'bridge',
  'leader',
  'one-way',
  'clients',
];
/** How many times a shape is drawn again before it is given up that one leaves a majority. */
const DRAWS = 30;

/** Nodes stop hearing each other, or their clients. Nothing tells them: what is sent over a link that is cut is lost without a word. */
const partition: Fault = {
  name: 'partition',
  about: 'cuts links between nodes, or to clients, silently, in one of several shapes',
  needs: ['cut'],
  variants,
  async inject(field, variant): Promise<Injection> {
    const shape = await choose(field, variant as ShapeName);
    if ('none' in shape) return nothing(shape.none);
    const before = await baseline(field, shape.cut);
    if (before.passing.length === 0 && before.failed === undefined)
      return nothing('the links that it would cut carry nothing already');
    const mend = await field.cut(shape.cut);
    return {
      what: shape.what,
      nodes: shape.hit,
      evidence: await probed(() => evidenceOfCut(field, shape.cut, before)),
      heal: once(async () => {
        await mend();
        return probed(() => evidenceOfLinks(field, before.passing));
      }),
    };
  },
};

export default partition;

async function choose(field: Field, variant: ShapeName): Promise<Shape | { readonly none: string }> {
  const names = field.nodes.map(({ name }) => name);
  const sparing = keepsQuorum(field);
  let leader: string | undefined;
  if (variant === 'leader') {
    const found = await leaderAmong(field, field.nodes);
    if ('none' in found) return found;
    leader = found.node.name;
  }
  for (let draw = 0; draw < DRAWS; draw++) {
    const shape = drawShape(variant, names, leader, field.random);
    if (shape === undefined) return { none: `${names.length} nodes are too few for ${variant}` };
    if (!sparing || leavesMajority(names, shape.cut, field.impaired)) return shape;
  }
  const impaired =
    field.impaired.size > 0 ? `, and ${[...field.impaired].join(' ')} is impaired already` : '';
  return { none: `a majority has to stay connected, which ${variant} does not leave${impaired}` };
}
