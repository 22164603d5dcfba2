import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { DiskOperation, DiskTrouble, Node } from '../harness/runtime.ts';
import { confirmed, indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** Something that disks do, drawn each time. */
export interface Ailing {
  readonly operation: DiskOperation;
  readonly trouble: DiskTrouble;
  /** `every write fails: no space is left`. */
  readonly says: string;
}

/** An operation that fails in a share of cases is tried so often until it does. One in fifty million never did, of a tenth. */
const TRIES = 170;

/**
 * Nodes whose disks fail, or are slow. A program that does not trust its disk any more may end over it, and is started again when it
 * is healed, where the fault says that it needs `kill`.
 */
export function diskFault(
  about: Pick<Fault, 'name' | 'about' | 'needs'>,
  draw: (random: Field['random']) => Ailing,
): Fault {
  return {
    proof: 'the operation itself, in a file that the node does not know',
    ...about,
    variants: targetVariants,
    async inject(field, variant): Promise<Injection> {
      const { operation, trouble, says } = draw(field.random.fork('trouble'));
      const targets = await drawTargets(field, variant);
      if ('none' in targets) return nothing(targets.none);
      const { nodes } = targets;
      const ailing = await Promise.all(nodes.map((node) => ails(node, operation, trouble, 3)));
      if (ailing.some((ill) => ill)) return nothing('their disks ail like that already');
      const refused = await everyone(nodes, (node) => diskOf(node).trouble(operation, trouble));
      const names = nodes.map((node) => node.name);
      return {
        what: `${names.join(' ')}: ${says}`,
        nodes: names,
        evidence:
          refused.length > 0
            ? indeterminate(refused.join('; '))
            : await probed(() => evidenceOf(nodes, operation, trouble, true)),
        heal: once(async () => {
          const stuck = await everyone(nodes, (node) => diskOf(node).trouble(operation, {}));
          if (stuck.length > 0) throw new Error(`could not mend: ${stuck.join('; ')}`);
          const dead = await namesIn(nodes, 'dead');
          const ours = about.needs.includes('kill') && dead.size > 0;
          const running = ours ? await restartAll(field, nodes) : undefined;
          if (running !== undefined && running.outcome !== 'confirmed') return running;
          return await probed(() => evidenceOf(nodes, operation, trouble, false));
        }),
      };
    },
  };
}

async function evidenceOf(
  nodes: readonly Node[],
  operation: DiskOperation,
  trouble: DiskTrouble,
  wanted: boolean,
): Promise<Evidence> {
  const saw = await Promise.all(
    nodes.map(async (node) => ({
      node: node.name,
      said: await ails(node, operation, trouble, wanted ? TRIES : 3),
    })),
  );
  const others = saw.filter(({ said }) => (said !== undefined) !== wanted).map(({ node }) => node);
  if (others.length > 0)
    return indeterminate(
      `${operation} on the disk of ${others.join(' ')} ${wanted ? 'went well' : 'still ails'}`,
    );
  return confirmed(
    wanted
      ? saw.map(({ node, said }) => `${operation} on the disk of ${node} ${said}`).join('; ')
      : `${operation} goes well on the disk of ${saw.map(({ node }) => node).join(' ')}`,
  );
}

/** How the operation was seen to ail, tried by the harness in a file of its own; nothing where it was not. */
async function ails(
  node: Node,
  operation: DiskOperation,
  { error, delayMs = 0 }: DiskTrouble,
  tries: number,
): Promise<string | undefined> {
  for (let i = 0; i < tries; i++) {
    const saw = await diskOf(node).try(operation);
    if (error !== undefined && saw.error === error) return `failed with ${error}`;
    if (error === undefined && saw.ms >= delayMs) return `took ${saw.ms.toFixed(0)} ms`;
    if (error === undefined) return undefined;
  }
  return undefined;
}

export function diskOf(node: Node): NonNullable<Node['disk']> {
  if (node.disk === undefined) throw new Error('its disk is an ordinary one');
  return node.disk;
}
