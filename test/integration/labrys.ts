import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'harness/cli/bin.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line under way: the very program that a user types, in a process of its own. */
export interface Running {
  readonly process: ChildProcess;
  /** Resolves when it has written this to stderr; rejects when it ends without. */
  said(what: RegExp): Promise<void>;
  readonly finished: Promise<Finished>;
}

export function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [bin, ...argv], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const waiting = new Set<() => void>();
  child.stdout.on('data', (data: Buffer) => (stdout += String(data)));
  child.stderr.on('data', (data: Buffer) => {
    stderr += String(data);
    for (const look of waiting) look();
  });
  const finished = new Promise<Finished>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
  return {
    process: child,
    finished,
    said: (what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!what.test(stderr)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void finished.then(() => reject(new Error(`it ended and never said ${what}:\n${stderr}`)));
        look();
      }),
  };
}

export const labrys = (...argv: readonly string[]): Promise<Finished> => start(argv).finished;

/** A folder for results that ends with the test. */
export function scratch(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'labrys-e2e-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Everything on this machine that a run could have left: what carries the folder's path, and what the network shows. */
export function footprint(folder: string): readonly string[] {
  const processes = globSync('/proc/[0-9]*/cmdline').flatMap((file) => {
    try {
      const words = readFileSync(file, 'utf8').replaceAll('\0', ' ');
      return words.includes(folder) ? [`process ${words.slice(0, 200)}`] : [];
    } catch {
      return [];
    }
  });
  const interfaces = readdirSync('/sys/class/net')
    .filter((name) => !dockers.test(name))
    .map((name) => `interface ${name}`);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('labrys'));
  return [...processes, ...interfaces, ...mounts];
}

/** What Docker itself makes, for whomever: other runs may be under way on this machine. */
const dockers = /^(br-[0-9a-f]{12}|veth[0-9a-f]{7}|docker\d)$/;

/** Why real nodes cannot live on this machine without Docker, where they cannot. */
export const noNamespaces: string | undefined = (() => {
  const inside = join(root, 'harness/provision/inside.ts');
  const { status, stderr } = spawnSync(process.execPath, [inside, '--', 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : (stderr.split('\n')[0] ?? 'namespaces cannot be made');
})();

/** A suite's name, with the reason where it is skipped. */
export const unless = (reason: string | undefined, name: string): string =>
  reason === undefined ? name : `${name} (skipped: ${reason})`;
