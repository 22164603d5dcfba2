import type { Field } from '../harness/fault.ts';
import { drawShape, type Shape, type ShapeName } from './shapes.ts';
import { already, inRole, keepsQuorum, leaves, roleIn } from './targets.ts';

/** How many times a shape is drawn again before it is given up that one leaves a majority. */
const DRAWS = 30;

/** Draws a shape that fits the cluster as it is now; or says why none does. */
export async function chooseShape(field: Field, variant: string): Promise<Shape | { readonly none: string }> {
  const names = field.nodes.map(({ name }) => name);
  const sparing = keepsQuorum(field);
  const role = roleIn(variant);
  let aimed: string | undefined;
  if (role !== undefined) {
    const found = await inRole(field, role, field.nodes);
    if ('none' in found) return found;
    aimed = found.node.name;
  }
  // Whoever it is aimed at is cut off as a leader would be.
  const name = role === undefined ? (variant as ShapeName) : 'leader';
  for (let draw = 0; draw < DRAWS; draw++) {
    const shape = drawShape(name, names, aimed, field.random);
    if (shape === undefined) return { none: `${names.length} nodes are too few for ${variant}` };
    if (!sparing || leaves(field, { cuts: shape.cut })) return shape;
  }
  return { none: `a majority has to stay connected, which ${variant} does not leave, ${already(field)}` };
}
