import type { Allowance, NodeLimits, Requested, Resource } from '../../runtime.ts';
import { type Agent, AgentRefusal } from '../agent.ts';

/**
 * The limits of a node's processes, set and read by an agent that can reach them. What a process has started since has its
 * limits, and gets those of the others back.
 */
export function agentLimits(agent: Agent, list: () => Promise<readonly number[]>): NodeLimits {
  /** As it was, by process. Soft limits alone: −1 is none. */
  const usual: Record<Resource, Map<number, number>> = { files: new Map(), memory: new Map() };

  /** Of each process that is still there. */
  const each = async <T>(act: (pid: number) => Promise<T>): Promise<readonly T[]> => {
    const all = await Promise.all((await list()).map((pid) => act(pid).catch(gone)));
    return all.filter((one) => one !== undefined);
  };

  return {
    async tighten(what, spare) {
      await each(async (pid) => {
        const [may = ''] = await agent.ask('tighten', pid, what, spare);
        // What was tightened already is not what is usual.
        if (!usual[what].has(pid)) usual[what].set(pid, Number(may));
      });
    },

    async relax(what) {
      const [some] = usual[what].values();
      if (some === undefined) return;
      await each((pid) => agent.ask('allow', pid, what, usual[what].get(pid) ?? some));
      usual[what].clear();
    },

    request: (what, amount) =>
      each(async (pid): Promise<Requested> => {
        try {
          const [name, refused] = await agent.ask('request', pid, what, amount);
          return { process: `${name} (${pid})`, ...(refused === undefined ? {} : { refused }) };
        } catch (cause) {
          if (!(cause instanceof AgentRefusal) || cause.message.endsWith(': gone')) throw cause;
          return { process: String(pid), unasked: cause.message.split(': ').at(-1) ?? '' };
        }
      }),

    read: (what) =>
      each(async (pid): Promise<Allowance> => {
        const [name, may, has] = await agent.ask('allowance', pid, what);
        return {
          process: `${name} (${pid})`,
          may: Number(may) < 0 ? Infinity : Number(may),
          has: Number(has),
        };
      }),
  };
}

function gone(cause: unknown): undefined {
  if (!(cause instanceof AgentRefusal && cause.message.endsWith(': gone'))) throw cause;
}
