import { whyNoLabfs } from '../../harness/provision/disk/labfs.ts';
import { dockerRuntime } from '../../harness/provision/docker.ts';
import { agentImage } from '../../harness/provision/docker/agent.ts';
import { whyNoDisks } from '../../harness/provision/docker/disks.ts';
import type { Engine } from '../../harness/provision/docker/engine.ts';
import { ensureImage } from '../../harness/provision/docker/image.ts';
import { unlessInside } from '../../harness/provision/ground.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import type { Runtime } from '../../harness/runtime.ts';

/** A runtime with what it can do on this machine and for this user, and why it cannot do the rest. */
export interface Here {
  readonly runtime: Runtime;
  /** Why disks cannot fail here, where they cannot: FUSE is not for every user of every machine. */
  readonly noDisks: string | undefined;
}

export async function localHere(): Promise<Here> {
  return without(localRuntime(), unlessInside.here ? await whyNoLabfs() : undefined);
}

/** Builds the agent's image, without which nobody could tell; as long as a base image takes that has to be made first. */
export async function dockerHere(engine: Engine | undefined): Promise<Here> {
  if (engine === undefined) return without(dockerRuntime(), undefined);
  await ensureImage(engine.docker, agentImage, () => {}, AbortSignal.timeout(15 * 60_000));
  return without(dockerRuntime(), await whyNoDisks(engine));
}

function without(runtime: Runtime, noDisks: string | undefined): Here {
  const can = new Set(runtime.can);
  if (noDisks !== undefined) can.delete('disk');
  return { runtime: { ...runtime, can }, noDisks };
}
