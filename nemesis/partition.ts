import type { Fault, Injection } from '../harness/fault.ts';
import { chooseShape } from './choose-shape.ts';
import { baseline, evidenceOfCut, evidenceOfLinks, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import type { ShapeName } from './shapes.ts';

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
/** Nodes stop hearing each other, or their clients. Nothing tells them: what is sent over a link that is cut is lost without a word. */
const partition: Fault = {
  name: 'partition',
  about: 'cuts links between nodes, or to clients, silently, in one of several shapes',
  proof: 'something is sent over the links that are cut, and over others',
  needs: ['cut'],
  variants,
  async inject(field, variant): Promise<Injection> {
    const shape = await chooseShape(field, variant);
    if ('none' in shape) return nothing(shape.none);
    const before = await baseline(field, shape.cut);
    if (before.passing.length === 0 && before.failed === undefined)
      return nothing('the links that it would cut carry nothing already');
    const mend = await field.cut(shape.cut);
    return {
      what: shape.what,
      nodes: shape.hit,
      takes: { cuts: shape.cut },
      evidence: await probed(() => evidenceOfCut(field, shape.cut, before)),
      heal: once(async () => {
        await mend();
        return probed(() => evidenceOfLinks(field, before.passing));
      }),
    };
  },
};

export default partition;
