import type { ClockReading } from '../../clock.ts';
import type { Agent } from '../agent.ts';
import { Gone, type ProcessMemory, Refused } from './memory.ts';
import { parseVdso } from './vdso.ts';

/** Has the agent read a process's clocks. See `reader.pl`. */
export async function readClocks(agent: Agent, pid: number, memory: ProcessMemory): Promise<ClockReading> {
  const mapped = await memory.vdso();
  if (mapped === undefined) throw new Gone(pid);
  const { functions, architecture } = parseVdso(await memory.read(mapped.at, mapped.length));
  const [first] = architecture.entries;
  const clockGettime = first && functions.get(first.name);
  if (clockGettime === undefined) throw new Refused('its vDSO has no clock_gettime');
  const [name, ...numbers] = await agent
    .ask('clock', pid, mapped.at, mapped.length, clockGettime.at)
    .catch(async (cause: unknown) => {
      // Where it has become another program meanwhile, this says so.
      await memory.read(mapped.at, 1);
      throw cause;
    });
  const [wall = 0, wallAt = 0, monotonic = 0, monotonicAt = 0] = numbers.map((ns) => Number(ns) / 1e6);
  return {
    process: `${name} (${pid})`,
    wall: { aheadMs: wall, atMs: wallAt },
    monotonic: { aheadMs: monotonic, atMs: monotonicAt },
  };
}
