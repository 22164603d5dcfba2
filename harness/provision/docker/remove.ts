import type Docker from 'dockerode';
import { dockerFailed, reasonOf, statusOf } from './failure.ts';
import { HARNESS, RUN } from './labels.ts';
import { thisHarness } from './owner.ts';

/**
 * Remove every container and network of a run that this harness made, found by their labels, however far they came. Another
 * harness may have a run of the same name: in another folder, or on another machine.
 */
export async function removeRun(docker: Docker, run: string): Promise<void> {
  const filters = { label: [`${RUN}=${run}`, `${HARNESS}=${thisHarness()}`] };
  try {
    const containers = await docker.listContainers({ all: true, filters });
    await Promise.all(containers.map(({ Id }) => removeContainer(docker, Id)));
    const networks = await docker.listNetworks({ filters });
    await Promise.all(networks.map(({ Id }) => ignoreMissing(() => docker.getNetwork(Id).remove())));
  } catch (cause) {
    throw dockerFailed(`cannot remove what run ${run} made`, cause);
  }
}

/** With the volumes that its image declares, which nobody else knows of. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  const container = docker.getContainer(id);
  await ignoreMissing(async () => {
    try {
      await container.remove({ force: true, v: true });
    } catch (cause) {
      if (!/already in progress/.test(reasonOf(cause))) throw cause;
      await container.wait({ condition: 'removed' });
    }
  });
}

export async function ignoreMissing(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    if (statusOf(cause) !== 404) throw cause;
  }
}
