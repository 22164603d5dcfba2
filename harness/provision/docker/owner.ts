import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which harness made a thing, written on the thing before it exists, so that what a dead harness left behind can be told
 * from what a live one still uses: `machine/boot/pid-namespace/pid/start`. A process id alone would not do: ids are used again.
 */
export type Owner = string;

export function thisHarness(): Owner {
  return [machine(), boot(), pidNamespace(), process.pid, startOf(process.pid)].join('/');
}

/** Where in doubt, it lives: another machine's harness, or one in a place that cannot be looked into. */
export function isAlive(owner: Owner | undefined): boolean {
  const [itsMachine, itsBoot, itsNamespace, pid, start] = (owner ?? '').split('/');
  if (pid === undefined || itsMachine !== machine()) return true;
  if (itsBoot !== boot()) return false;
  if (itsNamespace !== pidNamespace()) return true;
  return startOf(Number(pid)) === start;
}

function machine(): string {
  return read('/etc/machine-id') || hostname().replaceAll('/', '-');
}

const boot = (): string => read('/proc/sys/kernel/random/boot_id').slice(0, 8) || 'boot';

function pidNamespace(): string {
  return existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid').replace(/\D/g, '') : '0';
}

/** When a process started, in whatever unit this system tells it; `gone` when there is no such process. */
function startOf(pid: number): string {
  if (existsSync('/proc/self/stat')) {
    // The name, in parentheses, may contain anything; the start is the 20th field after it.
    const [state, ...fields] = read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === undefined || state === '' || state === 'Z' ? 'gone' : (fields[18] ?? 'gone');
  }
  try {
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return said.trim().replace(/\W+/g, '-') || 'gone';
  } catch {
    return 'gone';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
