import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/**
 * The operating system's processes that are in a network namespace, as /proc has it now.
 *
 * This is what a node's processes are: everything it started is in its namespace too, also what has made itself a
 * session of its own to outlive its parent, which a process group would miss.
 */
export function processesIn(namespace: number): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && namespaceOf(pid) === namespace);
}

/** The number by which the kernel tells network namespaces apart. */
export function namespaceAt(path: string): number {
  return statSync(path).ino;
}

/** `T` stopped, `Z` ended but not waited for, `X` going; anything else runs or could. `undefined`: there is none. */
export function stateOf(pid: number): string | undefined {
  try {
    // The program's name, in parentheses, may contain anything, so the state is found from behind.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  } catch {
    return undefined;
  }
}

export function signal(pid: number, name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone in the meantime, which no caller minds.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function namespaceOf(pid: number): number | undefined {
  try {
    return Number(readlinkSync(`/proc/${pid}/ns/net`).slice('net:['.length, -1));
  } catch {
    // Gone, or a zombie: neither is in any namespace.
    return undefined;
  }
}
