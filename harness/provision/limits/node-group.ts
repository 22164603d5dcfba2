import type { NodeGroup } from '../../runtime.ts';
import type { Agent } from '../agent.ts';

/** What processes may have beyond what they have before the kernel kills them, in bytes: see `starve` in `groups.pl`. */
const SPARE = 64 * 1024 * 1024;
/** How long the kernel is waited for. */
const STARVE_MS = 5000;

/**
 * The control group of a node that an agent can reach.
 *
 * @param main its first process; throws where it is dead.
 * @param ending what became of it, in words, once it has ended.
 */
export function agentGroup(
  agent: Agent,
  main: () => Promise<number>,
  ending: () => Promise<string>,
): NodeGroup {
  return {
    squeeze: async (share = 0) => void (await agent.ask('squeeze', await main(), share)),

    async burn(ms) {
      const [share, , held] = await agent.ask('burn', await main(), ms);
      return { share: Number(share), held: Number(held) };
    },

    async starve() {
      const [became] = await agent.ask('starve', await main(), SPARE, STARVE_MS);
      if (became !== 'killed') throw new Error(`the kernel did not kill it in ${STARVE_MS / 1000} s`);
      return await ending();
    },
  };
}
