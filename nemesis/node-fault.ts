import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Node, NodeState } from '../harness/runtime.ts';
import { evidenceOfState, indeterminate, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** What is done to each node, and how that shows. */
export interface Blow extends Pick<Fault, 'name' | 'about' | 'needs'> {
  /** May answer what became of it, in words that follow the node's name. */
  strike(node: Node): Promise<string | void>;
  /** What the operating system says of a node that was struck. */
  readonly leaves: NodeState;
  heal(field: Field, nodes: readonly Node[]): Promise<Evidence>;
}

/** A fault that does the same to one node or to several, drawn as its variant says. */
export function nodeFault({ name, about, needs, strike, leaves, heal }: Blow): Fault {
  return {
    name,
    about,
    proof: `the operating system says that its processes are ${says[leaves]}`,
    needs,
    variants: targetVariants,
    async inject(field, variant): Promise<Injection> {
      const targets = await drawTargets(field, variant);
      if ('none' in targets) return nothing(targets.none);
      const { nodes } = targets;
      const told: string[] = [];
      const refused = await everyone(nodes, async (node) => {
        const became = await strike(node);
        if (became !== undefined) told.push(`${node.name} ${became}`);
      });
      const names = nodes.map((node) => node.name);
      return {
        what: names.join(' '),
        nodes: names,
        evidence:
          refused.length > 0
            ? indeterminate(refused.join('; '))
            : adding(told, await probed(() => evidenceOfState(field.time, nodes, leaves))),
        heal: once(() => heal(field, nodes)),
      };
    },
  };
}

const says = { dead: 'gone', paused: 'stopped', running: 'there' } as const;

function adding(told: readonly string[], evidence: Evidence): Evidence {
  return told.length > 0 && evidence.outcome === 'confirmed'
    ? { ...evidence, how: `${evidence.how}; ${told.join(', ')}` }
    : evidence;
}
