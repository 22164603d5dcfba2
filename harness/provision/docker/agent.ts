import { fileURLToPath } from 'node:url';
import { type Duplex, PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { Agent, agentScripts } from '../agent.ts';
import type { Engine } from './engine.ts';
import { dockerFailed } from './failure.ts';
import { ensureImage, type ImageRequest } from './image.ts';
import { labelsOf, NODE, nameOf } from './labels.ts';
import { settled } from './patience.ts';
import type { Log } from './progress.ts';

const BASE = 'debian:bookworm-slim';
/** How long an agent that was let go is waited for. After that, whoever removes the run removes it too. */
const GONE_MS = 3_000;

/** The image of the agent: its base, nftables, and Perl files. */
export const agentImage: ImageRequest = {
  image: 'labrys-agent',
  build: {
    context: fileURLToPath(new URL('agent', import.meta.url)),
    args: { BASE },
    bases: [BASE],
    extra: agentScripts,
  },
};

/** What the agent may do, each for a reason. Never `--privileged`, which some machines cannot even grant. */
const POWERS = [
  'NET_ADMIN', // change the packet filter
  'NET_RAW', // send packets of other machines: those that were late
  'SYS_ADMIN', // enter a network namespace
  'SYS_PTRACE', // look up a process's namespaces, read and write its memory
  'DAC_OVERRIDE', // the same of a process that is another user's
  'KILL', // have that one stand still meanwhile
  'SETUID', // become that user, who alone may change what that process may have
  'SETGID',
  'CHOWN', // have files on disks that fail be whose they are
  'FOWNER',
];

/**
 * The agent of one run, on the engine's machine: it sees the nodes' processes and the bridge between them, so that the
 * nodes' images need no tools. It is one container a run and not one an engine, because its life is the proof that the harness lives:
 * when the connection to it ends, it deletes the run's packet filter table and goes, and the engine removes it.
 */
export interface ContainerAgent extends AsyncDisposable {
  readonly agent: Agent;
  readonly container: Docker.Container;
}

/** @param more what of the engine's machine it is to have beside, see {@link createDisks}. */
export async function startAgent(
  { docker }: Engine,
  run: string,
  log: Log,
  signal: AbortSignal,
  more: Pick<Docker.HostConfig, 'Binds' | 'Devices' | 'CapAdd'> = {},
): Promise<ContainerAgent> {
  await ensureImage(docker, agentImage, log, signal);
  const name = nameOf(run, 'agent');
  try {
    const container = await docker.createContainer({
      name,
      Image: agentImage.image,
      Cmd: [nameOf(run)],
      Labels: labelsOf(run, { [NODE]: 'agent' }),
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      HostConfig: {
        AutoRemove: true,
        NetworkMode: 'host',
        PidMode: 'host',
        UsernsMode: 'host',
        // The types do not know it.
        ...({ CgroupnsMode: 'host' } as object),
        CapDrop: ['ALL'],
        CapAdd: POWERS,
        SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
        ...more,
      },
    });
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    const agent = speakOver(docker, stream, 'the network agent', log);
    await container.start();
    return {
      agent,
      container,
      [Symbol.asyncDispose]: async () => {
        const gone = container.wait({ condition: 'removed' });
        stream.end();
        await settled(gone, GONE_MS);
        // Some engines leave the line open when there is nobody at its other end any more, and the harness would wait for it.
        (stream as Duplex).destroy();
      },
    };
  } catch (cause) {
    throw dockerFailed(`cannot start the network agent ${name}`, cause);
  }
}

/** Our end of a hijacked connection to a program that speaks as the agent does; what it says on stderr is logged. */
export function speakOver(docker: Docker, stream: NodeJS.ReadWriteStream, who: string, log: Log): Agent {
  const [answers, complaints] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, answers, complaints);
  let lastWords = '';
  complaints.on('data', (said: Buffer) => {
    lastWords = said.toString().trim();
    log({ message: who, line: lastWords });
  });
  const agent = new Agent(stream as Duplex, answers, who);
  const end = (): void => {
    // What it complained of at last is why it ended, once all of that is here.
    setImmediate(() => {
      if (lastWords !== '') agent.lose(lastWords);
      answers.end();
    });
  };
  // It is a duplex stream; the types say less.
  finished(stream as Duplex, { writable: false }).then(end, end);
  return agent;
}
