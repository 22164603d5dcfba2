import type { Agent } from '../agent.ts';
import { memoryOf } from './local-memory.ts';
import { ProcessClocks } from './node-clock.ts';
import { readClocks } from './read.ts';

/** The clocks of processes on this machine. */
export function localClocks(
  agent: Agent,
  list: () => readonly number[],
  log: (line: Readonly<Record<string, unknown>>) => void,
): ProcessClocks {
  return new ProcessClocks(
    {
      list: async () => list(),
      memoryOf: async (pid) => memoryOf(pid),
      now: async () => ({
        wall: BigInt(Date.now()) * 1_000_000n,
        monotonic: process.hrtime.bigint(),
      }),
      read: (pid, memory) => readClocks(agent, pid, memory),
    },
    log,
  );
}
