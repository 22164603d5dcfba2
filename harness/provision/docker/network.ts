import type { Network } from '../../runtime.ts';
import { type Agent, AgentRefusal } from '../agent.ts';
import { FilterNetwork } from './filter-network.ts';
import { NeighbourNetwork } from './neighbour-network.ts';
import type { Places } from './places.ts';
import type { Log } from './progress.ts';

/** The links of one run. */
export interface RunNetwork extends Network {
  /** A node has started again: make the cuts hold for its new life. */
  settle(): Promise<void>;
}

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
