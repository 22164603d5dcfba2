import type Docker from 'dockerode';
import type { Member, Recipe } from '../../runtime.ts';
import { dockerFailed } from './failure.ts';
import { labelsOf, NODE, nameOf } from './labels.ts';
import { packTar, type TarFile } from './tar.ts';
import type { Wire } from './wire.ts';

/** Where a node finds its folder. It is part of the container, so that it is kept by a kill and ends with the container. */
export const DATA = '/labrys-data';

export interface ContainerRequest {
  readonly run: string;
  readonly self: Member;
  readonly members: readonly Member[];
  readonly recipe: Recipe & { readonly image: string };
  readonly wire: Wire;
  /** Folders of the engine's machine, as `from:to`. */
  readonly binds?: readonly string[];
  /** The engine's port for each of the node's ports that is to be published; empty where its address can be reached. */
  readonly published: ReadonlyMap<number, number>;
}

/** Make a node's container and its files. It does not run yet. */
export async function createContainer(docker: Docker, request: ContainerRequest): Promise<Docker.Container> {
  const { run, self, members, recipe, wire, published, binds = [] } = request;
  const name = nameOf(run, self.name);
  try {
    const container = await docker.createContainer({
      name,
      Image: recipe.image,
      Entrypoint: [...recipe.command],
      Cmd: [],
      Env: Object.entries(recipe.env ?? {}).map(([key, value]) => `${key}=${value}`),
      Hostname: self.name,
      Labels: labelsOf(run, { [NODE]: self.name }),
      AttachStdout: true,
      AttachStderr: true,
      ExposedPorts: Object.fromEntries([...published.keys()].map((port) => [`${port}/tcp`, {}])),
      HostConfig: {
        NetworkMode: wire.name,
        Binds: [...binds],
        ExtraHosts: members
          .filter((member) => member !== self)
          .map((member) => `${member.name}:${member.host}`),
        PortBindings: Object.fromEntries(
          [...published].map(([port, outside]) => [`${port}/tcp`, [{ HostPort: String(outside) }]]),
        ),
      },
      NetworkingConfig: {
        EndpointsConfig: { [wire.name]: { IPAMConfig: { IPv4Address: self.host } } },
      },
    });
    await container.putArchive(packTar(inDataFolder(recipe.files ?? {})), { path: '/' });
    return container;
  } catch (cause) {
    throw dockerFailed(`cannot create container ${name} from ${recipe.image}`, cause);
  }
}

/** The folder and these files in it, open to whatever user the image runs as. */
export function inDataFolder(files: Readonly<Record<string, string>>): TarFile[] {
  const folder = `${DATA.slice(1)}/`;
  const parents = new Set(
    Object.keys(files).flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, i, parts) => `${parts.slice(0, i + 1).join('/')}/`),
    ),
  );
  return [
    ...['', ...parents].map((path) => ({ path: folder + path, content: Buffer.alloc(0), mode: 0o777 })),
    ...Object.entries(files).map(([path, text]) => ({
      path: folder + path,
      content: Buffer.from(text),
      mode: text.startsWith('#!') ? 0o777 : 0o666,
    })),
  ];
}
