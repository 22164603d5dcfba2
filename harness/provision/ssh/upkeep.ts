import { readFileSync } from 'node:fs';
import type { SshConfig } from '../../config.ts';
import { EnvironmentError, type LabrysError } from '../../errors.ts';
import type { Capability, Diagnosis, Leftover, Upkeep } from '../../runtime.ts';
import { type Claim, claims, drop } from '../claim.ts';
import { agentClocks } from '../clock/agent-clocks.ts';
import { right } from '../../clock.ts';
import { tryShaper } from '../local-shaper.ts';
import { type Host, hostsOf } from './host.ts';
import { Machine } from './machine.ts';
import { emptyTable } from './network.ts';
import { startShaper } from './shaper.ts';
import { hexOf, InUse, Stay } from './stay.ts';
import { surveyOf } from './survey.ts';

const script = readFileSync(new URL('keeper/restore.pl', import.meta.url));

/** Noted before anything is done to a machine. */
export interface SshClaim extends Claim {
  /** Those that the run may have gone to. */
  readonly hosts: readonly Host[];
}

/** What runs have left on machines: those that a claim names, and those that the configuration lists. */
export function sshUpkeep(config: SshConfig | undefined): Upkeep {
  const listed = (): readonly Host[] => (config === undefined ? [] : hostsOf(config));
  return {
    async leftovers() {
      const claimed = await claims<SshClaim>('ssh');
      const left = claimed.map(({ folder, inUse, claim }): Leftover => {
        const { run = 'unknown', hosts = [] } = claim ?? {};
        return {
          what: `run ${run} on ${hosts.map(({ name }) => name).join(', ')}`,
          run,
          inUse,
          remove: async () => {
            await restoreAll(hosts, run);
            await drop({ folder });
          },
        };
      });
      const known = new Set(left.map(({ run }) => run));
      const found = await Promise.all(listed().map((host) => on(host).catch(() => undefined)));
      return [
        ...left,
        ...found.filter((one) => one !== undefined && !known.has(one.run)),
      ] as readonly Leftover[];
    },
    async diagnose() {
      const hosts = listed();
      if (hosts.length > 0) return (await Promise.all(hosts.map(diagnoseHost))).flat();
      return [
        {
          what: 'machines',
          works: false,
          detail: 'none are listed in labrys.config.ts',
          hint: 'See docs/cookbook/ssh.md.',
        },
      ];
    },
  };
}

/** What is there of a run that nobody claims. */
async function on(host: Host): Promise<Leftover | undefined> {
  await using machine = new Machine(host);
  const { stdout } = await machine.run(['sh', '-c', 'cat "$0/run" 2> /dev/null', host.folder]);
  const run = stdout.trim();
  if (run === '') return undefined;
  return {
    what: `run ${run} on ${host.name}`,
    run,
    // Another machine's harness may be at it: it is removed by name alone.
    inUse: true,
    remove: () => restoreAll([host], run),
  };
}

async function restoreAll(hosts: readonly Host[], run: string): Promise<void> {
  const outcomes = await Promise.allSettled(hosts.map((host) => restore(host, run)));
  const failed = outcomes
    .filter((one) => one.status === 'rejected')
    .map(({ reason }) => (reason as Error).message);
  if (failed.length > 0) throw new EnvironmentError(failed.join('; '));
}

async function restore(host: Host, run: string): Promise<void> {
  await using machine = new Machine(host);
  const { asRoot } = await surveyOf(machine);
  await machine.read([...asRoot, 'perl', '-', host.folder, run], script);
}

/** As a run of its own: what is tried there is gone afterwards. */
async function diagnoseHost(host: Host): Promise<readonly Diagnosis[]> {
  await using machine = new Machine(host);
  const what = host.name;
  try {
    await using stay = await Stay.begin(machine, `doctor-${process.pid}`);
    const { hardware, asRoot } = stay.survey;
    const who = asRoot.length > 0 ? `${host.user}, root by sudo` : host.user;
    return [
      { what, works: true, detail: `${who} at ${host.host}:${host.port}, Linux ${hardware}` },
      await attempt(`cutting links of ${what}`, 'cut', async () => {
        await stay.agent.ask('nft', `${emptyTable(stay.survey, 'drop')}; delete table inet labrys`);
        return 'one packet filter table a run';
      }),
      await attempt(`shaping links of ${what}`, 'shape', async () => {
        await using shaper = await startShaper(stay);
        await tryShaper(shaper, '/proc/self/ns/net');
        return 'late, lossy and damaged packets, by the shaper; no netem needed';
      }),
      await attempt(`skewing clocks on ${what}`, 'clock', () => tryClocks(stay)),
    ];
  } catch (error) {
    const { message, hint } = error as LabrysError;
    if (error instanceof InUse) return [{ what, works: true, detail: `${message}; nothing was tried` }];
    return [{ what, works: false, detail: message, ...(hint === undefined ? {} : { hint }) }];
  }
}

async function tryClocks({ agent, survey }: Stay): Promise<string> {
  await agent.ask('node-start', hexOf(['sleep', '60']), hexOf([`PATH=${survey.path}`]));
  const pids = async (): Promise<number[]> => (await agent.ask('node-processes')).map(Number);
  await using clocks = agentClocks(
    agent,
    async () => ({ pids: await pids(), frozen: false }),
    () => {},
  );
  await clocks.set('wall', { aheadMs: 3_600_000 });
  const [reading] = await clocks.read();
  await clocks.set('wall', right);
  await agent.ask('node-kill');
  const ahead = reading?.wall.aheadMs ?? 0;
  if (Math.abs(ahead - 3_600_000) > 1000) throw new Error(`a clock set ahead by an hour read ${ahead} ms`);
  return 'a process’s clock was an hour ahead, and right again';
}

async function attempt(
  what: string,
  capability: Capability,
  work: () => Promise<string>,
): Promise<Diagnosis> {
  try {
    return { what, capability, works: true, detail: await work() };
  } catch (error) {
    const { message, hint } = error as LabrysError;
    return { what, capability, works: false, detail: message, ...(hint === undefined ? {} : { hint }) };
  }
}
