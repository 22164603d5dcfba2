import type Docker from 'dockerode';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { reasonOf } from './failure.ts';
import { EngineSilence, withPatience } from './patience.ts';

/** How long an engine may take to say that it is there. */
const GREETING_MS = 5_000;

/** A container engine that answered: Docker, or anything else that speaks its API. */
export interface Engine {
  readonly docker: Docker;
  /** Where it answers: `unix:///var/run/docker.sock`. */
  readonly where: string;
  /** The host that its published ports are reached at. */
  readonly host: string;
}

/**
 * Find an engine: the one that DOCKER_HOST names, else the one that the docker command would use, else the first
 * socket that answers in the places where Docker, Docker Desktop, rootless Docker and Podman put theirs.
 *
 * @param patienceMs how long any later call may take: see {@link withPatience}.
 */
export async function connect(patienceMs?: number): Promise<Engine> {
  const Dockerode = (await import('dockerode')).default;
  const refusals: string[] = [];
  for (const where of candidates()) {
    const reach = (): Docker =>
      where.startsWith('unix://')
        ? new Dockerode({ socketPath: where.slice('unix://'.length) })
        : fromUrl(Dockerode, where);
    try {
      await withPatience(reach(), GREETING_MS).ping();
      return { docker: withPatience(reach(), patienceMs), where, host: hostOf(where) };
    } catch (cause) {
      const silent = cause instanceof EngineSilence;
      refusals.push(`${where}: ${silent ? `no answer in ${GREETING_MS / 1000} s` : reasonOf(cause)}`);
    }
  }
  throw new EnvironmentError(`no docker engine answers (${refusals.join('; ')})`, {
    hint: hintFor(refusals),
  });
}

function candidates(): string[] {
  const named = process.env['DOCKER_HOST'] ?? contextHost();
  if (named) return [named.includes('://') ? named : `tcp://${named}`];
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    ...(runtime ? [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')] : []),
  ];
  const present = sockets.filter((path) => existsSync(path));
  return (present.length > 0 ? present : ['/var/run/docker.sock']).map((path) => `unix://${path}`);
}

/** What `docker context use` chose. */
function contextHost(): string | undefined {
  try {
    const home = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
    const config = JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')) as { currentContext?: string };
    const name = process.env['DOCKER_CONTEXT'] ?? config.currentContext;
    if (!name || name === 'default') return undefined;
    const folder = createHash('sha256').update(name).digest('hex');
    const meta = JSON.parse(readFileSync(join(home, 'contexts/meta', folder, 'meta.json'), 'utf8')) as {
      Endpoints?: { docker?: { Host?: string } };
    };
    return meta.Endpoints?.docker?.Host;
  } catch {
    return undefined; // No configuration, or one that is not ours to complain about.
  }
}

/** dockerode understands every form of DOCKER_HOST, with its certificates, but reads it from the environment alone. */
function fromUrl(Dockerode: typeof Docker, where: string): Docker {
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = where;
  try {
    return new Dockerode();
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
}

function hostOf(where: string): string {
  return where.startsWith('unix://') || where.startsWith('npipe://') ? '127.0.0.1' : new URL(where).hostname;
}

function hintFor(refusals: readonly string[]): string {
  if (refusals.some((line) => line.includes('EACCES')))
    return 'your user may not use its socket: join the group docker (then log in again), or use --runtime local';
  return 'start it (`systemctl start docker`), set DOCKER_HOST to one that runs, or use --runtime local, which needs none';
}
