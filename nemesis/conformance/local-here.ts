import { whyNoLabfs } from '../../harness/provision/disk/labfs.ts';
import { unlessInside } from '../../harness/provision/ground.ts';
import { localRuntime } from '../../harness/provision/local.ts';
import type { Runtime } from '../../harness/runtime.ts';

/** Why disks cannot fail here, where they cannot: FUSE is not for every user of every machine. */
export const noDisks = unlessInside.here ? await whyNoLabfs() : undefined;

/** The local runtime, with what it can do on this machine and for this user. */
export function localHere(): Runtime {
  const runtime = localRuntime();
  if (noDisks === undefined) return runtime;
  const can = new Set(runtime.can);
  can.delete('disk');
  return { ...runtime, can };
}
