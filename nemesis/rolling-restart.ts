import type { Fault, Injection } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import { evidenceOfState, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { overAndOver } from './over-and-over.ts';
import { restartAll } from './restart-all.ts';
import { already, keepsQuorum, leaves } from './targets.ts';

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
    const sparing = keepsQuorum(field);
    if (variant === 'eager' && sparing)
      return nothing('a majority has to stay up, and an eager upgrade does not wait for it');
    const order = field.random.shuffle(field.nodes).filter(({ name }) => !field.impaired.has(name));
    const [first] = order;
    if (first === undefined) return nothing('every node is impaired already');
    const names = order.map(({ name }) => name);
    const takes = { nodes: names, ...(variant === 'patient' && { atOnce: 1 }) };
    if (sparing && !leaves(field, takes)) return nothing(`a majority has to stay up, ${already(field)}`);
    await first.kill();
    const evidence = await probed(() => evidenceOfState(field.time, [first], 'dead'));
    let at = 0;
    const loop = overAndOver(field, restarts, async (pause) => {
      const [down, next] = [order[at % order.length], order[(at + 1) % order.length]] as [Node, Node];
      await pause(100);
      // Where it does not come back, it is waited for again, and no other goes down.
      await (variant === 'eager' ? down.start() : field.restart(down));
      await pause(variant === 'eager' ? 20 : 300);
      at++;
      await next.kill();
    });
    return {
      what: `${names.join(', then ')}, ${variant === 'eager' ? 'waiting for none' : 'each once the last is back'}`,
      nodes: names,
      takes,
      evidence,
      heal: once(async () => {
        await loop.stop();
        return restartAll(field, order);
      }),
    };
  },
};

export default rollingRestart;
