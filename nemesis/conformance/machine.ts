import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a run could have left of itself in the namespaces that we are in, a line each: devices, mounts, neighbours, rules and queues of
 * the packet filter, namespaces, processes, and notes of claims. Two that are equal have nothing between them.
 */
export function machine(): readonly string[] {
  return [
    ...read('/proc/net/dev')
      .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? [])
      .map((name) => `device ${name}`),
    // Containers of others come and go, and their mounts are seen in here.
    ...read('/proc/self/mounts')
      .filter((line) => !/ \/(run|var\/lib)\/docker\//.test(line))
      .map((line) => `mount ${line}`),
    ...read('/proc/net/arp')
      .slice(1)
      .map((line) => `neighbour ${line.replaceAll(/\s+/g, ' ')}`),
    ...read('/proc/net/netfilter/nfnetlink_queue').map((line) => `queue ${line.trim().split(/\s+/)[0]}`),
    ...ruleset().map((line) => `rule ${line}`),
    ...processes().flatMap(({ said, network }) => [`process ${said}`, `namespace ${network}`]),
    ...globSync('labrys-{local,disk}-*', { cwd: tmpdir() })
      .filter((name) => mine(join(tmpdir(), name)))
      .map((name) => `folder ${name}`),
  ]
    .filter((line, i, all) => all.indexOf(line) === i)
    .toSorted();
}

function read(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    // Not every kernel has all of them.
    return [];
  }
}

function ruleset(): string[] {
  try {
    return execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter(Boolean);
  } catch {
    return [];
  }
}

/** Those that live. Of one that is just ending there may be nothing to read. */
function processes(): { readonly said: string; readonly network: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const said = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return said === '' ? [] : [{ said: `${pid} ${said}`, network: readlinkSync(`/proc/${pid}/ns/net`) }];
      } catch {
        return [];
      }
    });
}

/** Others may be at work on this machine, and note their claims in the same place. */
function mine(folder: string): boolean {
  return read(join(folder, 'claim.json')).some((line) => line.includes(`-${process.pid}-`));
}
