import type Docker from 'dockerode';
import { readFileSync } from 'node:fs';
import { EnvironmentError } from '../../errors.ts';
import { dockerFailed, reasonOf } from './failure.ts';
import { labelsOf, nameOf } from './labels.ts';
import { host, subnetsFor, type Subnet } from './subnet.ts';

/** The network of one run, and whether this process can speak to addresses on it. */
export interface Wire {
  readonly name: string;
  readonly subnet: Subnet;
  /** No, when the engine is on another machine, or inside a virtual one, and its bridge with it: then ports are published. */
  readonly routed: boolean;
}

/** Make a run's network, on a subnet that nothing else uses. */
export async function createWire(docker: Docker, run: string): Promise<Wire> {
  const name = nameOf(run);
  const refusals = new Set<string>();
  for (const subnet of subnetsFor(run, await takenSubnets(docker))) {
    try {
      await docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        Labels: labelsOf(run),
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: host(subnet, 1) }] },
      });
      return { name, subnet, routed: routes().includes(subnet) };
    } catch (cause) {
      const reason = reasonOf(cause);
      // Another run may have taken it since we looked.
      if (!/overlap|conflict|in use/i.test(reason))
        throw dockerFailed(`cannot create network ${name}`, cause);
      refusals.add(reason);
    }
  }
  throw new EnvironmentError(
    `no free subnet in 198.18.0.0/15 for network ${name} (${[...refusals].join('; ')})`,
    {
      hint: 'see `docker network ls`; `labrys clean` removes what earlier runs left',
    },
  );
}

/** What the engine's networks use, and what this machine's routes lead to. */
async function takenSubnets(docker: Docker): Promise<Subnet[]> {
  const networks = await docker.listNetworks().catch((cause: unknown) => {
    throw dockerFailed('cannot list the engine’s networks', cause);
  });
  const used = networks.flatMap((network) =>
    (network.IPAM?.Config ?? []).map((config) => config.Subnet ?? ''),
  );
  return [...used, ...routes()].filter((subnet) => /^[\d.]+\/\d+$/.test(subnet));
}

function routes(): Subnet[] {
  try {
    return readFileSync('/proc/net/route', 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map(routed)
      .filter((s) => !s.endsWith('/0'));
  } catch {
    return []; // Not Linux: the engine is in a virtual machine, whose routes are its own affair.
  }
}

/** Columns 2 and 8 of /proc/net/route, destination and mask. */
function routed(line: string): Subnet {
  const columns = line.split('\t');
  const ones = bytes(columns[7]).map((byte) => byte.toString(2).replaceAll('0', '').length);
  return `${bytes(columns[1]).join('.')}/${ones.reduce((sum, count) => sum + count, 0)}`;
}

/** Hexadecimal, the last byte first. */
function bytes(hex = '00000000'): number[] {
  return [...Buffer.from(hex, 'hex')].toReversed();
}
