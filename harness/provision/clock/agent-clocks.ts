import type { Agent } from '../agent.ts';
import { AgentRefusal } from '../agent.ts';
import { Gone, type ProcessMemory, Refused } from './memory.ts';
import { ProcessClocks } from './node-clock.ts';
import { readClocks } from './read.ts';

/** Where a node's processes are. */
export interface Whereabouts {
  /** As the agent numbers them. */
  readonly pids: readonly number[];
  /** Whether they get no time at all, not even for stopping. */
  readonly frozen: boolean;
}

/** The clocks of processes that an agent can reach, wherever that is. */
export function agentClocks(
  agent: Agent,
  look: () => Promise<Whereabouts>,
  log: (line: Readonly<Record<string, unknown>>) => void,
): ProcessClocks {
  // As it was when they were listed: nobody freezes or thaws them while their clocks are changed.
  let frozen = false;
  return new ProcessClocks(
    {
      list: async () => {
        const found = await look();
        ({ frozen } = found);
        return found.pids;
      },
      memoryOf: (pid) => memoryThrough(agent, pid, () => frozen),
      now: async () => {
        const [wall = 0n, monotonic = 0n] = (await agent.ask('times')).map(BigInt);
        return { wall, monotonic };
      },
      read: (pid, memory) => readClocks(agent, pid, memory),
    },
    log,
  );
}

/** What can be asked is written in `memory.pl`. */
async function memoryThrough(agent: Agent, pid: number, frozen: () => boolean): Promise<ProcessMemory> {
  const ask = async (command: string, ...words: readonly (string | number)[]): Promise<string[]> => {
    try {
      return await agent.ask(command, ...words);
    } catch (cause) {
      if (!(cause instanceof AgentRefusal)) throw cause;
      throw cause.message.endsWith(': gone') ? new Gone(pid) : new Refused(cause.message);
    }
  };
  const [handle = ''] = await ask('grip', pid);
  return {
    async vdso() {
      const [at, length] = await ask('vdso', handle);
      return at === undefined ? undefined : { at: Number(at), length: Number(length) };
    },
    read: async (at, length) => Buffer.from((await ask('peek', handle, at, length))[0] ?? '', 'hex'),
    write: async (at, bytes) => void (await ask('poke', handle, at, bytes.toString('hex'))),
    async halt(clear) {
      await ask('halt', handle, frozen() ? 1 : 0, ...clear.flatMap(({ at, length }) => [at, length]));
      return async () => void (await ask('resume', handle));
    },
    close: () => void ask('release', handle).catch(() => {}),
  };
}
