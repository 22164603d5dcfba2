import { LabrysError } from '../errors.ts';
import type { Capability, Diagnosis, Upkeep } from '../runtime.ts';
import { startAgent } from './agent.ts';
import { claimed } from './claim.ts';
import { tryClocks } from './clock/try.ts';
import { whyNoLabfs } from './disk/labfs.ts';
import { layNetwork } from './local-network.ts';
import { localShaper, tryShaper } from './local-shaper.ts';
import { wayIn } from './namespace.ts';

/**
 * Processes, namespaces and devices never outlive their harness: the kernel sees to it. What a killed harness does
 * leave is its nodes' data.
 */
export const localUpkeep: Upkeep = {
  leftovers: claimed,
  async diagnose() {
    const namespaces = attempt('namespaces for nodes', () => {
      const powers = wayIn().at(-1);
      return powers === 'root' ? 'made as root' : 'made without root, in a user namespace';
    });
    const entered = await namespaces;
    if (!entered.works) return [entered];
    return [
      entered,
      await attempt('cutting links', selfTest, 'cut'),
      await attempt(
        'shaping links',
        async () => {
          await using shaper = await localShaper(wayIn());
          await tryShaper(shaper, '/proc/self/ns/net');
          return 'late, lossy and damaged packets, by the shaper; no netem needed';
        },
        'shape',
      ),
      await attempt(
        'skewing clocks',
        async () => {
          await tryClocks();
          return 'a process’s clock was an hour ahead, and right again';
        },
        'clock',
      ),
      await attempt(
        'disks that fail',
        async () => {
          const lack = await whyNoLabfs(wayIn());
          if (lack !== undefined) throw new Error(lack);
          return 'our file system was mounted, on FUSE';
        },
        'disk',
      ),
    ];
  },
};

/** Two nodes' networks in scratch namespaces, a cut one way, and its heal. */
async function selfTest(): Promise<string> {
  await using helper = await startAgent(wayIn());
  await using lan = await layNetwork(helper.agent, ['n1', 'n2']);
  const links = [
    { from: 'n1', to: 'n2' },
    { from: 'n2', to: 'n1' },
  ] as const;
  const seen: boolean[] = [];
  for (const cuts of [[], [links[0]], []]) {
    await lan.network.setCuts(cuts);
    seen.push(...(await lan.network.probe(links)));
  }
  if (seen.join() !== 'true,true,false,true,true,true') throw new Error(`probes saw ${seen.join()}`);
  return 'a link was cut one way and healed; probes saw both';
}

async function attempt(
  what: string,
  work: () => string | Promise<string>,
  capability?: Capability,
): Promise<Diagnosis> {
  const about = capability === undefined ? { what } : { what, capability };
  try {
    return { ...about, works: true, detail: await work() };
  } catch (error) {
    const { message } = error as Error;
    const hint = error instanceof LabrysError ? error.hint : undefined;
    return { ...about, works: false, detail: message, ...(hint === undefined ? {} : { hint }) };
  }
}
