import { matchesGlob } from 'node:path';
import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Damage, Node } from '../harness/runtime.ts';
import { diskOf } from './disk-fault.ts';
import { confirmed, indeterminate, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** Of a path, as much as an evidence has room for. */
const SHOWN = 24;

/**
 * Nodes one of whose files is damaged while they are down, as by a disk that has rotted: they find it so when they start. A program
 * that checks what it reads refuses, or repairs it from others; one that does not may serve it. Which files, says the system
 * or `--option files=`, as globs in a node's data folder. When it is healed, what the node has not changed since is put right, and the
 * node is started again.
 */
export function fileFault(
  about: Pick<Fault, 'name' | 'about'>,
  draw: (size: number, random: Field['random']) => Damage,
): Fault {
  return {
    ...about,
    proof: 'the file is read again, and its bytes compared with what they were',
    needs: ['disk', 'kill'],
    variants: targetVariants,
    async inject(field, variant): Promise<Injection> {
      const targets = await drawTargets(field, variant);
      if ('none' in targets) return nothing(targets.none);
      const { files: globs = ['**'] } = field;
      const chosen = new Map<Node, { readonly path: string; readonly size: number }>();
      for (const node of targets.nodes) {
        const random = field.random.fork(`file of ${node.name}`);
        const files = (await diskOf(node).files()).filter(({ path }) =>
          globs.some((glob) => matchesGlob(path, glob)),
        );
        if (files.length > 0) chosen.set(node, random.pick(files));
      }
      const nodes = [...chosen.keys()];
      if (nodes.length === 0) return nothing(`they have no files ${globs.join(' ')} with anything in them`);
      const refused = await everyone(nodes, async (node) => {
        const { path, size } = chosen.get(node) as { path: string; size: number };
        await node.kill();
        await diskOf(node).damage(path, draw(size, field.random.fork(`damage of ${node.name}`)));
      });
      const evidence =
        refused.length > 0 ? indeterminate(refused.join('; ')) : await probed(() => evidenceOf(nodes));
      // Whether it can live with that is its own affair.
      const stuck = await everyone(nodes, (node) => node.start());
      const names = nodes.map(({ name }) => name);
      return {
        what: names.join(' '),
        nodes: names,
        evidence: stuck.length > 0 ? indeterminate(stuck.join('; ')) : evidence,
        heal: once(async () => {
          const left = await everyone(nodes, async (node) => {
            await node.kill();
            await diskOf(node).mend();
          });
          if (left.length > 0) throw new Error(`could not mend: ${left.join('; ')}`);
          return await restartAll(field, nodes);
        }),
      };
    },
  };
}

async function evidenceOf(nodes: readonly Node[]): Promise<Evidence> {
  const saw = await Promise.all(nodes.map(async (node) => ({ node, damaged: await diskOf(node).damaged() })));
  const whole = saw.filter(({ damaged }) => damaged.length === 0);
  if (whole.length > 0)
    return indeterminate(`the files of ${whole.map(({ node }) => node.name).join(' ')} are whole`);
  const said = saw.flatMap(({ node, damaged }) =>
    damaged.map(({ path, bytes }) => `${bytes} bytes of ${node.name}’s ${short(path)}`),
  );
  return confirmed(`not as they were: ${said.join(', ')}`);
}

const short = (path: string): string => (path.length > SHOWN ? `…${path.slice(1 - SHOWN)}` : path);
