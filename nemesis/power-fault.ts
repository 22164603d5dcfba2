import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Node, Planted } from '../harness/runtime.ts';
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
 * @param draw what share of pages survives, from 0 to 1, and of what was done to names; 1 where all of that is durable at once.
 */
export function powerFault(
  about: Pick<Fault, 'name' | 'about'>,
  draw: (random: Field['random']) => Planted,
): Fault {
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
      const keep = draw(field.random.fork('keep'));
      const planted = new Map<Node, Planted>();
      const gone = { pages: 0, names: 0 };
      const refused = await everyone(nodes, async (node) => {
        await node.kill();
        // Where nothing can be planted, on a disk that is full, nobody can say what became of it.
        await diskOf(node)
          .plant()
          .then(
            (done) => planted.set(node, done),
            () => {},
          );
        const { lost, unnamed } = await diskOf(node).crash(keep);
        gone.pages += lost;
        gone.names += unnamed;
      });
      return {
        what: `${names.join(' ')}${said(keep)}`,
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

/** `, while 50 % of what was not synced was written`. */
function said({ pages, names }: Planted): string {
  if (names < 1)
    return `, which forget what they did to names${names > 0 ? `, but for the first ${percent(names)}` : ''}`;
  return pages > 0 ? `, while ${percent(pages)} of what was not synced was written` : '';
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** By pages of a file that nobody else knows, all of which were written twice, and only the first time synced; and by a name in no synced folder. */
async function evidenceOfLoss(
  nodes: readonly Node[],
  planted: ReadonlyMap<Node, Planted>,
  keep: Planted,
  gone: Planted,
): Promise<Evidence> {
  const looks = nodes.map(async (node) => {
    const put = planted.get(node);
    if (put === undefined) return { text: `${node.name} could not be told to write any`, fits: false };
    const found = await diskOf(node).harvest();
    const naming = keep.names < 1 ? `, ${found.names} of ${put.names} names` : '';
    const some = found.pages > 0 && found.pages < put.pages;
    return {
      text: `${node.name} has ${found.pages} of ${put.pages} pages${naming}`,
      fits: (keep.pages === 0 ? found.pages === 0 : some) && (keep.names === 1 || found.names === 0),
    };
  });
  const saw = await Promise.all(looks);
  const wrong = saw.filter(({ fits }) => !fits);
  const all = `${gone.pages} pages lost in all${keep.names < 1 ? `, ${gone.names} changes of names taken back` : ''}`;
  return wrong.length > 0
    ? indeterminate(`of what was not synced, ${wrong.map(({ text }) => text).join('; ')}`)
    : confirmed(`of what was not synced, ${saw.map(({ text }) => text).join('; ')}; ${all}`);
}
