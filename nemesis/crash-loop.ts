import type { Fault, Injection } from '../harness/fault.ts';
import { evidenceOfState, indeterminate, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { overAndOver } from './over-and-over.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** However long it lasts. */
const crashes = 200;

/** Nodes that come up and crash, most often before they have caught up, as under a supervisor that starts them again. */
const crashLoop: Fault = {
  name: 'crash-loop',
  about: 'kills nodes with kill -9 again and again, soon after each start',
  proof: 'the operating system says that its processes are gone',
  needs: ['kill'],
  variants: targetVariants,
  async inject(field, variant): Promise<Injection> {
    const targets = await drawTargets(field, variant);
    if ('none' in targets) return nothing(targets.none);
    const { nodes } = targets;
    const random = field.random.fork('pauses');
    const refused = await everyone(nodes, (node) => node.kill());
    const evidence =
      refused.length > 0
        ? indeterminate(refused.join('; '))
        : await probed(() => evidenceOfState(field.time, nodes, 'dead'));
    const loop = overAndOver(field, crashes, async (pause) => {
      await pause(50 + random.below(150));
      await everyone(nodes, (node) => node.start());
      await pause(20 + random.below(600));
      await everyone(nodes, (node) => node.kill());
    });
    const names = nodes.map(({ name }) => name);
    return {
      what: `${names.join(' ')} up and down`,
      nodes: names,
      evidence,
      heal: once(async () => {
        await loop.stop();
        return restartAll(field, nodes);
      }),
    };
  },
};

export default crashLoop;
