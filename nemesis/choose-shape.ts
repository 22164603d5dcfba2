import type { Field } from '../harness/fault.ts';
import { drawShape, leavesMajority, type Shape, type ShapeName } from './shapes.ts';
import { keepsQuorum, leaderAmong } from './targets.ts';

/** How many times a shape is drawn again before it is given up that one leaves a majority. */
const DRAWS = 30;

/** Draws a shape that fits the cluster as it is now; or says why none does. */
export async function chooseShape(
  field: Field,
  variant: ShapeName,
): Promise<Shape | { readonly none: string }> {
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
