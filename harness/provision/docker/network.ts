import { type Agent, AgentRefusal } from '../agent.ts';
import { FilterNetwork } from './filter-network.ts';
import { NeighbourNetwork } from './neighbour-network.ts';
import type { Places } from './places.ts';
import type { Log } from './progress.ts';
import type { RunNetwork } from './run-network.ts';

export type OpenNetwork = (agent: Agent, run: string, places: Places, log: Log) => Promise<RunNetwork>;

/** By a packet filter where the engine's kernel has one for bridges, else by the nodes' neighbour tables. */
export const openNetwork: OpenNetwork = async (agent, run, places, log) => {
  try {
    return await FilterNetwork.open(agent, run, places);
  } catch (cause) {
    if (!(cause instanceof AgentRefusal)) throw cause;
    log({ message: 'no packet filter on bridges; cutting in neighbour tables', reason: cause.message });
    return await NeighbourNetwork.open(agent, places);
  }
};
