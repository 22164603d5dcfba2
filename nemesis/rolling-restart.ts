import type { Fault, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { evidenceOfState, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { overAndOver } from './over-and-over.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets } from './targets.ts';

/** However long it lasts. */
const restarts = 200;

/**
 * One node after the other goes down and comes back, as in an upgrade: never two at the same time, and in the end all. In an
 * eager one, the next goes down before the last has become ready, which is how upgrades lose a majority.
 */
const rollingRestart: Fault = {
  name: 'rolling-restart',
  about: 'kills and starts one node after the other, waiting for each, or eagerly',
  proof: 'the operating system says that its processes are gone',
  needs: ['kill'],
  variants: ['patient', 'eager'],
  async inject(field, variant): Promise<Injection> {
    // Whether one may go down at all; which, is drawn for all of them.
    const one = await drawTargets(field, 'one');
    if ('none' in one) return nothing(one.none);
    const order = field.random.shuffle(field.nodes).filter(({ name }) => !field.impaired.has(name));
    const first = order[0] as Node; // One that may go down has been found.
    const names = order.map(({ name }) => name);
    await first.kill();
    const evidence = await probed(() => evidenceOfState(field.time, [first], 'dead'));
    const loop = overAndOver(field, restarts, async (pause, turn) => {
      const [down, next] = [order[turn % order.length], order[(turn + 1) % order.length]] as [Node, Node];
      await pause(100);
      await (variant === 'eager' ? down.start() : field.restart(down));
      await pause(variant === 'eager' ? 20 : 300);
      await next.kill();
    });
    return {
      what: `${names.join(', then ')}, ${variant === 'eager' ? 'waiting for none' : 'each once the last is back'}`,
      nodes: names,
      evidence,
      heal: once(async () => {
        await loop.stop();
        return restartAll(field, order);
      }),
    };
  },
};

export default rollingRestart;
