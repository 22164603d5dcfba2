import type { Evidence, Fault, Injection } from '../harness/fault.ts';
import { confirmed, evidenceOfState, messageOf, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { inRole } from './targets.ts';

/**
 * What operators do to a system while it is used: compact, defragment, back up, hand over. None of it should be seen by clients, and it is
 * seldom done in tests. It is over when it has been done.
 */
const admin: Fault = {
  name: 'admin',
  about: 'does what operators do while clients ask: compact, defragment, back up, hand over',
  proof: 'the system is looked at for what has changed, as it says how',
  needs: [],
  asks: ['admin'],
  variants: [],
  variantsOf: ({ admin = {} }) => Object.keys(admin),
  takesMs: 500,
  async inject(field, variant): Promise<Injection> {
    const { nodes, impaired, random, time } = field;
    const chore = field.chores?.[variant];
    if (chore === undefined) return nothing(`this system knows no ${variant}`);
    const well = random.shuffle(nodes).filter(({ name }) => !impaired.has(name));
    const [any] = well;
    if (any === undefined) return nothing('every node is impaired already');
    const leader = chore.atLeader ? await inRole(field, 'leader', well) : { node: any };
    if ('none' in leader) return nothing(leader.none);
    const at = leader.node;
    let evidence: Evidence;
    try {
      evidence = confirmed(await chore.run(at));
    } catch (error) {
      // Refused, or cut off from those that it needs: nobody has seen it do anything.
      return nothing(`${variant} at ${at.name}: ${messageOf(error)}`);
    }
    return {
      what: `${variant} at ${at.name}`,
      nodes: [at.name],
      takes: {},
      over: true,
      evidence,
      heal: once(() => probed(() => evidenceOfState(time, [at], 'running'))),
    };
  },
};

export default admin;
