import { existsSync } from 'node:fs';
import { CLIENTS } from '../runtime.ts';
import type { Agent } from './agent.ts';
import { AgentRefusal } from './agent.ts';
import { AgentNetwork } from './agent-network.ts';
import type { Endpoint } from './agent-network.ts';

/** What the agent calls the namespace that the harness is in, and its clients with it. */
const here = CLIENTS;
const mask = '255.255.255.0';
/** The second to last byte of an address is the cluster's, the last the node's; the harness is 254. */
export const nodesMax = 250;

/** One bridge, and a namespace with a cable to it for every node. The harness is on the bridge too. */
export interface LocalNetwork extends AsyncDisposable {
  readonly network: AgentNetwork;
  /** One for each node, in the order asked. */
  readonly attached: readonly Attachment[];
}

/** A node's place on the network, ready before there is a node. */
export interface Attachment {
  readonly name: string;
  readonly host: string;
  /** Where this kernel has IPv6. */
  readonly host6?: string;
  /** A path that opens its namespace. */
  readonly door: string;
}

export async function layNetwork(agent: Agent, names: readonly string[]): Promise<LocalNetwork> {
  await agent.ask('enter', here, '/proc/self/ns/net');
  const cluster = await claimBridge(agent);
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => void (await agent.ask('unlink', here, bridgeOf(cluster))));
  const endpoints = names.map((name, index) => endpoint(name, cluster, index + 1));
  const attached: Attachment[] = [];
  for (const [index, { name, host, host6, mac }] of endpoints.entries()) {
    const [door = ''] = await agent.ask('hold', name);
    attached.push({ name, host, ...(host6 && { host6 }), door });
    const port = `${bridgeOf(cluster)}n${index + 1}`;
    await agent.ask(
      'wire',
      here,
      bridgeOf(cluster),
      port,
      name,
      'eth0',
      mac,
      host,
      mask,
      ...(host6 ? [host6] : []),
    );
    undo.defer(async () => void (await agent.ask('unlink', here, port)));
  }
  const network = new AgentNetwork(agent, [...endpoints, harness(cluster)]);
  // Nobody ever asks where another is: nothing to wait for, and nothing that a cut would let through.
  for (const name of [...names, here]) await network.settle(name);
  const kept = undo.move();
  return {
    network,
    attached,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The first number that no other cluster in this namespace has: the kernel makes each bridge only once. */
async function claimBridge(agent: Agent): Promise<number> {
  for (let cluster = 0; ; cluster++) {
    try {
      const { host, host6, mac } = harness(cluster);
      await agent.ask('bridge', here, bridgeOf(cluster), mac, host, mask, ...(host6 ? [host6] : []));
      return cluster;
    } catch (error) {
      if (!(error instanceof AgentRefusal && error.message.endsWith('File exists')) || cluster === 255)
        throw error;
    }
  }
}

const bridgeOf = (cluster: number): string => `labrys${cluster}`;

const harness = (cluster: number): Endpoint => endpoint(here, cluster, 254);

function endpoint(name: string, cluster: number, number: number): Endpoint {
  const [third, fourth] = [cluster, number].map((byte) => byte.toString(16).padStart(2, '0'));
  return {
    name,
    host: `10.77.${cluster}.${number}`,
    ...(hasIpv6 && { host6: `fd4c:6162:7279:${third}::${fourth}` }),
    mac: `02:4c:00:00:${third}:${fourth}`,
  };
}

const hasIpv6 = existsSync('/proc/sys/net/ipv6');
