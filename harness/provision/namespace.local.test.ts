import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { insideNamespace } from './namespace.ts';
import { unlessInside } from './ground.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
const script = fileURLToPath(new URL('namespace.pl', import.meta.url));

/** Counts signals, says so, and leaves with 7 when it has been asked to on stdin. */
const counter = `
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log(name));
  process.stdin.on('data', (text) => String(text).includes('leave') && process.exit(7));
  console.log('ready ' + (process.stdin.isTTY === true));`;

describe.skipIf(!unlessInside.here)(`namespaces${unlessInside.because}`, () => {
  test('these tests are inside', () => {
    expect(insideNamespace()).toBe(true);
  });

  test('the exit code and the output of what runs inside come out', async () => {
    const run = enter(['sh', '-c', 'echo out; echo err >&2; exit 5']);
    expect(await run.end).toEqual({ code: 5, signal: null });
    expect(run.said()).toContain('out\nerr\n');
  });

  test('what dies by a signal inside dies by it outside', async () => {
    expect(await enter(['sh', '-c', 'kill -KILL $$']).end).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('it has its own network, its own processes, and is root there', async () => {
    const run = enter(['sh', '-c', 'readlink /proc/self/ns/net; id -u; echo /proc/[0-9]*']);
    await run.end;
    const [network, user, processes] = run.said().trim().split('\n');
    expect(network).toMatch(/^net:\[\d+\]$/);
    expect(network).not.toBe(readlinkSync('/proc/self/ns/net'));
    expect(user).toBe('0');
    expect(processes?.split(' ').length).toBeLessThan(5);
  });

  test('from inside, entering changes nothing', async () => {
    const where = 'readlink /proc/self/ns/net';
    const run = enter(['sh', '-c', `${where}; ${process.execPath} ${inside} -- ${where}`]);
    await run.end;
    const [first, second] = run.said().trim().split('\n');
    expect(second).toBe(first);
  });

  test('what another process sends to it arrives inside, once', async () => {
    const run = enter([process.execPath, '-e', counter]);
    await run.says('ready');
    run.child.kill('SIGTERM');
    await run.says('SIGTERM');
    run.child.kill('SIGINT');
    await run.says('SIGINT');
    run.child.stdin?.write('leave');
    expect(await run.end).toEqual({ code: 7, signal: null });
    expect(run.said().match(/SIG\w+/g)).toEqual(['SIGTERM', 'SIGINT']);
  });

  test('Ctrl-C at a terminal arrives inside once each time it is pressed', async () => {
    const command = [
      process.execPath,
      inside,
      '--',
      process.execPath,
      '-e',
      `'${counter.replaceAll("'", '"')}'`,
    ];
    const run = started(['script', '-qec', `exec ${command.join(' ')}`, '/dev/null']);
    await run.says('ready true');
    run.child.stdin?.write('\u0003');
    await run.says('SIGINT');
    run.child.stdin?.write('\u0003');
    await run.says(/SIGINT[^]*SIGINT/);
    run.child.stdin?.write('leave\n');
    expect(await run.end).toMatchObject({ code: 7 });
    expect(run.said().match(/SIG\w+/g)).toEqual(['SIGINT', 'SIGINT']);
  });

  test('kill -9 of the process outside ends everything inside', async () => {
    const mark = `987${process.pid}`;
    const run = enter([
      'sh',
      '-c',
      `sleep ${mark} & setsid sleep ${mark} & setsid sh -c 'sleep ${mark}; :' & wait`,
    ]);
    while (processesNaming(mark) < 5) await sleep(10);
    run.child.kill('SIGKILL');
    await run.end;
    while (processesNaming(mark) > 0) await sleep(10);
    expect(processesNaming(mark)).toBe(0);
  });

  test('a launcher that can only wait is missed when it is killed, if it has asked to be', async () => {
    const mark = `986${process.pid}`;
    const launch = `LABRYS_DIES_WITH=$$ "$@" & wait`;
    const run = started([
      'sh',
      '-c',
      launch,
      '-',
      process.execPath,
      inside,
      '--',
      'sh',
      '-c',
      `sleep ${mark}; :`,
    ]);
    while (processesNaming(mark) < 4) await sleep(10);
    run.child.kill('SIGKILL');
    while (processesNaming(mark) > 0) await sleep(10);
    expect(processesNaming(mark)).toBe(0);
  });

  test('a machine that allows no namespaces is told so, with what to do', async () => {
    // In a user namespace of its own, for the limit is that namespace's, and would else be everybody's.
    const limit = 'echo 0 > /proc/sys/user/max_net_namespaces && unset LABRYS_NAMESPACE && exec "$@"';
    const limited = ['perl', script, 'user', 'sh', '-c', limit, '-'];
    const run = started([...limited, process.execPath, inside, '--', 'true']);
    expect(await run.end).toEqual({ code: 3, signal: null });
    expect(run.said()).toContain(
      'this machine lets us make no namespaces (namespace: unshare: No space left on device',
    );
    expect(run.said()).toContain('sysctl -w user.max_net_namespaces=10000');
  });
});

/** A command inside namespaces that are inside ours. */
function enter(command: readonly string[]): Started {
  return started([process.execPath, inside, '--', ...command]);
}

interface Started {
  readonly child: ChildProcess;
  readonly end: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  said(): string;
  says(what: string | RegExp): Promise<void>;
}

function started([file = '', ...argv]: readonly string[]): Started {
  const { LABRYS_NAMESPACE: _, ...env } = process.env;
  const child = spawn(file, argv, { env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
  const end = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return {
    child,
    end,
    said: () => said,
    async says(what) {
      for (let tries = 0; !(typeof what === 'string' ? said.includes(what) : what.test(said)); tries++) {
        if (child.exitCode !== null || tries > 1000) throw new Error(`waited in vain for ${what}: ${said}`);
        await sleep(10);
      }
    },
  };
}

function processesNaming(mark: string): number {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
  return commands.filter((command) => command.includes(mark)).length;
}
