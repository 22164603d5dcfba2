import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { Leftover } from '../runtime.ts';

/**
 * What a run has on this machine, noted where the next run will look, and a socket that answers as long as the
 * harness lives. The kernel closes it however the harness dies; unlike a process id it means the same in every
 * namespace and is never used again.
 */
export interface Claim {
  readonly run: string;
  /** Folders that end with the run. */
  readonly folders: readonly string[];
}

/** Of which runtime: each looks for its own. */
export type ClaimKind = 'local' | 'ssh';

const prefixOf = (kind: ClaimKind): string => `labrys-${kind}-`;
/** A claim without its note, younger than this, is being written. */
const writingMs = 60_000;

/** A claim that holds. */
export interface Stake extends AsyncDisposable {
  /** From now on the folders are somebody else's, and are not removed. */
  release(): Promise<void>;
}

/** Note the folders before making them. Disposing removes them, and then the note. */
export async function stakeClaim<More = unknown>(
  claim: Claim & More,
  kind: ClaimKind = 'local',
): Promise<Stake> {
  await using made = new AsyncDisposableStack();
  let note: string;
  try {
    const folder = made.adopt(await mkdtemp(join(shelf(), prefixOf(kind))), remove);
    const server = made.adopt(
      createServer((connection) => connection.destroy()),
      close,
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(join(folder, 'alive'), resolve);
    });
    server.unref();
    note = join(folder, 'claim.json');
    await writeFile(note, JSON.stringify(claim));
  } catch (cause) {
    throw new EnvironmentError(`cannot note down this run in ${shelf()}: ${(cause as Error).message}`, {
      hint: 'Is the disk full? TMPDIR names another place.',
      cause,
    });
  }
  let folders = claim.folders;
  made.defer(async () => {
    for (const each of folders) await remove(each);
  });
  const kept = made.move();
  return {
    release: async () => {
      folders = [];
      await writeFile(note, JSON.stringify({ ...claim, folders }));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch((error: NodeJS.ErrnoException) => {
    // A path through a file leads to nothing that could be removed.
    if (error.code !== 'ENOTDIR') throw error;
  });
}

/** What this user's runs have claimed and not yet given back. */
export async function claimed(): Promise<readonly Leftover[]> {
  return (await claims('local')).map(({ folder, inUse, claim }) => {
    const folders = [...(claim?.folders ?? []), folder];
    const more = folders.length > 1 ? ` and ${folders.length - 1} more` : '';
    return {
      what: `folder ${folders[0]}${more}`,
      run: claim?.run ?? 'unknown',
      inUse,
      remove: async () => {
        for (const each of folders) await remove(each);
      },
    };
  });
}

/** A claim that was found. */
export interface Found<C extends Claim> {
  /** Where it is noted; whoever removes that has seen to all that it claims. */
  readonly folder: string;
  readonly inUse: boolean;
  /** Absent where its note cannot be read. */
  readonly claim: C | undefined;
}

/** This user's claims of one kind. */
export async function claims<C extends Claim>(kind: ClaimKind): Promise<readonly Found<C>[]> {
  const names = (await readdir(shelf())).filter((name) => name.startsWith(prefixOf(kind)));
  const found = await Promise.all(names.map((name) => look<C>(join(shelf(), name))));
  return found.filter((one) => one !== undefined);
}

/** Forget a claim. */
export const drop = (found: Pick<Found<Claim>, 'folder'>): Promise<void> => remove(found.folder);

async function look<C extends Claim>(folder: string): Promise<Found<C> | undefined> {
  const about = await stat(folder).catch(() => undefined);
  if (about === undefined || about.uid !== process.getuid?.()) return undefined;
  const inUse = await answers(join(folder, 'alive'));
  const claim = await readClaim<C>(folder);
  if (claim === undefined && (inUse || Date.now() - about.mtimeMs < writingMs)) return undefined;
  return { folder, inUse, claim };
}

async function readClaim<C extends Claim>(folder: string): Promise<C | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'claim.json'), 'utf8')) as C;
  } catch {
    return undefined;
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => (connection.destroy(), resolve(true)));
    connection.once('error', () => resolve(false));
  });
}

/** A socket's path may have 107 characters, which some people's temporary folders use up. */
function shelf(): string {
  return tmpdir().length < 70 ? tmpdir() : '/tmp';
}
