import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, LabrysError } from '../../errors.ts';
import { type LocalAgent, startHelper } from '../agent.ts';
import { nativeProgram } from '../native.ts';

/**
 * Mounts our file system over `below` at `mountpoint`, here in the namespaces that we are in. It ends with its stdin. `through`
 * runs before it on the command line.
 */
export async function mountLabfs(
  below: string,
  mountpoint: string,
  through: readonly string[] = [],
): Promise<LocalAgent> {
  const labfs = await startHelper('the file system labfs', [...through, await program(), below, mountpoint]);
  try {
    // It answers once it is mounted.
    await labfs.agent.ask('trouble', 'read', '-', 0, 0);
    return labfs;
  } catch (cause) {
    throw new EnvironmentError(`no disk that can fail at ${mountpoint}: ${(cause as Error).message}`, {
      hint: 'It needs FUSE: /dev/fuse, and a kernel that lets our namespaces mount it.',
      cause,
    });
  }
}

/** Why there can be none here: no compiler, no libfuse, no FUSE. Tried out in a scratch folder. */
export async function whyNoLabfs(through: readonly string[] = []): Promise<string | undefined> {
  const scratch = mkdtempSync(join(tmpdir(), 'labrys-disk-'));
  const [below, at] = [join(scratch, 'below'), join(scratch, 'at')];
  try {
    mkdirSync(below);
    mkdirSync(at);
    await using _labfs = await mountLabfs(below, at, through);
    return undefined;
  } catch (error) {
    const hint = error instanceof LabrysError ? error.hint : undefined;
    return [(error as Error).message, ...(hint === undefined ? [] : [hint])].join('. ');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function program(): Promise<string> {
  try {
    return await nativeProgram('labfs', ['-D_FILE_OFFSET_BITS=64', '-pthread'], ['-lfuse3']);
  } catch (cause) {
    if (!(cause instanceof EnvironmentError) || !/fuse/.test(cause.message)) throw cause;
    throw new EnvironmentError(cause.message, { hint: 'apt-get install libfuse3-dev', cause });
  }
}
