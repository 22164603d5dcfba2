import type { Fault } from 'labrys';
import { evidenceOfState } from 'labrys/nemesis/evidence';
import { nothing, once } from 'labrys/nemesis/heal';
import { drawTargets } from 'labrys/nemesis/targets';

/** No node restarts more often than that in one strike, however long it lasts. */
const restarts = 50;

/** Nodes that come up only to go down again, as under a supervisor that starts whatever has crashed. */
const restartStorm: Fault = {
  name: 'restart-storm',
  about: 'kills nodes again and again, most often before they have caught up',
  needs: ['kill'],
  variants: ['one', 'minority', 'leader'],
  async inject(field, variant) {
    const targets = await drawTargets(field, variant);
    if ('none' in targets) return nothing(targets.none);
    const { nodes } = targets;
    const { time } = field;
    const random = field.random.fork('pauses');
    const calm = new AbortController();

    const everyNode = (act: 'kill' | 'start') => Promise.all(nodes.map((node) => node[act]()));
    await everyNode('kill');
    const evidence = await evidenceOfState(time, nodes, 'dead');
    const storm = async (): Promise<void> => {
      for (let left = restarts; left > 0 && !calm.signal.aborted; left--) {
        await time.sleep(20 + random.below(200), calm.signal);
        await everyNode('start');
        await time.sleep(50 + random.below(400), calm.signal);
        await everyNode('kill');
      }
    };
    // It ends when it is told to, or when a node refuses to start; the heal takes it from there.
    const over = storm().catch(() => {});

    return {
      what: `${nodes.map(({ name }) => name).join(' ')} up and down`,
      nodes: nodes.map(({ name }) => name),
      evidence,
      heal: once(async () => {
        calm.abort();
        await over;
        await Promise.all(nodes.map((node) => field.restart(node)));
        return evidenceOfState(time, nodes, 'running');
      }),
    };
  },
};

export default restartStorm;
