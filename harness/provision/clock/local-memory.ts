import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gone, patienceMs, type ProcessMemory, Refused } from './memory.ts';
import type { Span } from './vdso.ts';

/**
 * A process of this machine, through /proc. It takes being root there, or the process's own user: the same that a
 * debugger needs. Nothing is attached to it, and a program that watches for debuggers sees none.
 */
export function memoryOf(pid: number): ProcessMemory {
  // Of the program that runs now: should it become another, this stays with the memory that was.
  const memory = attempt(pid, () => openSync(`/proc/${pid}/mem`, 'r+'));
  return {
    async vdso() {
      const maps = attempt(pid, () => readFileSync(`/proc/${pid}/maps`, 'latin1'));
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) .*\[vdso\]$/m.exec(maps) ?? [];
      if (from === undefined || to === undefined) return undefined;
      const at = Number.parseInt(from, 16);
      return { at, length: Number.parseInt(to, 16) - at };
    },

    async read(at, length) {
      const bytes = Buffer.alloc(length);
      if (attempt(pid, () => readSync(memory, bytes, 0, length, at)) !== length) throw new Gone(pid);
      return bytes;
    },

    async write(at, bytes) {
      const written = attempt(pid, () => writeSync(memory, bytes, 0, bytes.length, at));
      if (written !== bytes.length) throw new Gone(pid);
    },

    async halt(clear) {
      const moving = threadsOf(pid).some(({ state }) => state !== 'T');
      const goOn = async (): Promise<void> => {
        if (moving) signal(pid, 'SIGCONT');
      };
      const end = performance.now() + patienceMs;
      for (let round = 1; ; round++) {
        if (moving) signal(pid, 'SIGSTOP');
        try {
          const where = await standing(pid, end);
          if (where.every((at) => !clear.some((span) => isInside(at, span)))) return goOn;
        } catch (error) {
          await goOn();
          throw error;
        }
        await goOn();
        if (!moving || performance.now() > end)
          throw new Refused(`process ${pid}: a thread stands where its code is to be changed`);
        await sleep(round);
      }
    },

    close: () => closeSync(memory),
  };
}

interface Thread {
  readonly id: string;
  readonly state: string;
}

/**
 * Where each thread stands, once none runs. When one has stopped, all others will before they run another instruction
 * of their own, even if it takes them a while to come back from the kernel.
 */
async function standing(pid: number, end: number): Promise<readonly number[]> {
  for (let round = 0; ; round++) {
    const threads = threadsOf(pid).filter(({ state }) => state !== 'Z' && state !== 'X');
    if (threads.length === 0) throw new Gone(pid);
    if (threads.some(({ state }) => state === 'T' || state === 't')) {
      const where = threads.map(({ id }) => counterOf(pid, id));
      if (where.every((at) => at !== undefined)) return where;
    }
    if (performance.now() > end) throw new Refused(`process ${pid} does not stand still`);
    // Sleeping, not turning: it may be waiting for this very core.
    if (round > 3) await sleep(round < 20 ? 0 : 2);
  }
}

function threadsOf(pid: number): readonly Thread[] {
  return attempt(pid, () => readdirSync(`/proc/${pid}/task`)).flatMap((id) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1');
      return [{ id, state: stat.charAt(stat.lastIndexOf(')') + 2) }];
    } catch {
      return [];
    }
  });
}

/** The address of the instruction that it will run next: the last word, unless it is running this moment. */
function counterOf(pid: number, thread: string): number | undefined {
  const said = attempt(pid, () => readFileSync(`/proc/${pid}/task/${thread}/syscall`, 'latin1')).trim();
  return said === 'running' ? undefined : Number(said.slice(said.lastIndexOf(' ') + 1));
}

/** A thread may be about to run the first instruction: it will run the new one then. */
const isInside = (at: number, span: Span): boolean => at > span.at && at < span.at + span.length;

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  attempt(pid, () => process.kill(pid, name));
}

function attempt<T>(pid: number, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH'].includes(code)) throw new Gone(pid);
    if (code === 'EIO')
      throw new Refused(
        `the kernel lets nobody write to code through /proc/${pid}/mem (proc_mem.force_override)`,
      );
    if (['EACCES', 'EPERM'].includes(code))
      throw new Refused(`process ${pid} is not ours to change (${code}): it takes root, or its own user`);
    throw new Refused(message);
  }
}
