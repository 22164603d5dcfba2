import type { Evidence, Fault, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { diskOf } from './disk-fault.ts';
import { confirmed, evidenceOfState, indeterminate, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets, targetVariants } from './targets.ts';

/**
 * Nodes lose their power: their processes end, and what was not synced is gone, but for a share of its pages. `kill -9` does not do
 * that: what a program has handed to its operating system survives the program.
 *
 * @param keep from 0, nothing that was not synced survives, up to 1.
 */
export function powerFault(about: Pick<Fault, 'name' | 'about'>, keep: number): Fault {
  return {
    ...about,
    proof: 'a file that the node does not know: of what was not synced, how much is there',
    needs: ['disk', 'kill'],
    variants: targetVariants,
    async inject(field, variant): Promise<Injection> {
      const targets = await drawTargets(field, variant);
      if ('none' in targets) return nothing(targets.none);
      const { nodes } = targets;
      const names = nodes.map((node) => node.name);
      const planted = await Promise.all(
        nodes.map((node) =>
          diskOf(node)
            .plant()
            .catch(() => 0),
        ),
      );
      let gone = 0;
      const refused = await everyone(nodes, async (node) => {
        await node.kill();
        gone += (await diskOf(node).crash(keep)).lost;
      });
      return {
        what: `${names.join(' ')}${keep > 0 ? `, while ${100 * keep} % of what was not synced was written` : ''}`,
        nodes: names,
        evidence:
          refused.length > 0
            ? indeterminate(refused.join('; '))
            : await probed(async () => {
                const dead = await evidenceOfState(field.time, nodes, 'dead');
                return dead.outcome === 'confirmed' ? await evidenceOfLoss(nodes, planted, keep, gone) : dead;
              }),
        heal: once(() => restartAll(field, nodes)),
      };
    },
  };
}

/** By pages of a file that nobody else knows: all of them were written twice, and only the first time synced. */
async function evidenceOfLoss(
  nodes: readonly Node[],
  planted: readonly number[],
  keep: number,
  lost: number,
): Promise<Evidence> {
  const found = await Promise.all(nodes.map((node) => diskOf(node).harvest()));
  const said = nodes.map(
    ({ name }, i) => `${name}: ${found[i]} of ${planted[i]} pages that were not synced are there`,
  );
  const wrong = said.filter((_, i) => {
    const [all, left] = [planted[i] as number, found[i] as number];
    return all === 0 || (keep === 0 ? left > 0 : left === 0 || left === all);
  });
  return wrong.length > 0
    ? indeterminate(wrong.join('; '))
    : confirmed(`${said.join('; ')}; ${lost} pages lost in all`);
}
