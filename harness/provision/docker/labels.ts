import { thisHarness } from './owner.ts';

/** What everything that a run makes on an engine carries, so that it can be found again, whatever became of the run. */
export const RUN = 'labrys.run';
export const HARNESS = 'labrys.harness';
/** What a node, or the agent, is called in its run. */
export const NODE = 'labrys.node';
/** On an image that we built: a hash of everything it was built from. */
export const INPUTS = 'labrys.inputs';

export function labelsOf(run: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [RUN]: run, [HARNESS]: thisHarness(), ...more };
}

/** The name of a run's network and packet filter table, and with a node's name that of a container. */
export function nameOf(run: string, node?: string): string {
  return node === undefined ? `labrys-${run}` : `labrys-${run}-${node}`;
}
