import type { Capability, Diagnosis } from '../../runtime.ts';
import { AgentRefusal } from '../agent.ts';
import { connect, type Engine } from './engine.ts';
import { reasonOf } from './failure.ts';
import { whyNoDisks } from './disks.ts';
import { emptyTable } from './filter-network.ts';
import { nameOf } from './labels.ts';
import { whyNoGroups, whyNoLimits } from './powers.ts';
import { hasAgent, withAgent } from './scratch.ts';
import { whyNoShaper } from './shaper.ts';

/** What the engine can do: does it answer, and how are links between its containers cut. */
export async function diagnose(): Promise<readonly Diagnosis[]> {
  let engine: Engine;
  try {
    engine = await connect();
  } catch (cause) {
    const { message, hint } = cause as { message: string; hint?: string };
    return [
      { what: 'docker engine', works: false, detail: hint === undefined ? message : `${message}; ${hint}` },
    ];
  }
  try {
    const { ServerVersion, NCPU, MemTotal } = (await engine.docker.info()) as Record<string, string | number>;
    const detail = `${ServerVersion} at ${engine.where}, ${NCPU} CPUs, ${Math.round(Number(MemTotal) / 2 ** 30)} GiB`;
    return [
      { what: 'docker engine', works: true, detail },
      await diagnoseCuts(engine),
      await diagnoseShaping(engine),
      await diagnoseDisks(engine),
      await diagnoseLimits(engine),
      await diagnoseGroups(engine),
    ];
  } catch (cause) {
    return [
      { what: 'docker engine', works: false, detail: `${engine.where} answers, but: ${reasonOf(cause)}` },
    ];
  }
}

const untried = 'not tried: the first run builds the agent’s image, in half a minute';

async function diagnoseCuts(engine: Engine): Promise<Diagnosis> {
  const [what, capability] = ['cuts between containers', 'cut'] as const;
  if (!(await hasAgent(engine))) return { what, capability, works: true, detail: untried };
  try {
    const detail = await withAgent(engine, async ({ agent }, run) => {
      try {
        await agent.ask('nft', `${emptyTable(nameOf(run))}; delete table bridge ${nameOf(run)}`);
        return 'one packet filter table a run on the engine’s bridge';
      } catch (cause) {
        if (!(cause instanceof AgentRefusal)) throw cause;
        return `the nodes’ neighbour tables: no packet filter on bridges (${cause.message})`;
      }
    });
    return { what, capability, works: true, detail };
  } catch (cause) {
    return { what, capability, works: false, detail: reasonOf(cause) };
  }
}

const diagnoseShaping = (engine: Engine): Promise<Diagnosis> =>
  diagnoseBy(
    engine,
    'shaping links between containers',
    'shape',
    whyNoShaper,
    'late, lossy and damaged packets, by the shaper; no netem needed',
  );

const diagnoseDisks = (engine: Engine): Promise<Diagnosis> =>
  diagnoseBy(
    engine,
    'disks that fail',
    'disk',
    whyNoDisks,
    'our file system was mounted beside the agent, on FUSE',
  );

const diagnoseLimits = (engine: Engine): Promise<Diagnosis> =>
  diagnoseBy(
    engine,
    'limits of processes',
    'limit',
    whyNoLimits,
    'set, and a process was made to ask for more',
  );

const diagnoseGroups = (engine: Engine): Promise<Diagnosis> =>
  diagnoseBy(
    engine,
    'control groups',
    'group',
    whyNoGroups,
    'a container was held to half a processor, and let go',
  );

async function diagnoseBy(
  engine: Engine,
  what: string,
  capability: Capability,
  why: (engine: Engine) => Promise<string | undefined>,
  detail: string,
): Promise<Diagnosis> {
  if (!(await hasAgent(engine))) return { what, capability, works: true, detail: untried };
  const lack = await why(engine);
  return { what, capability, works: lack === undefined, detail: lack ?? detail };
}
