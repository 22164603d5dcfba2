import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENTS } from '../../runtime.ts';
import { Agent, agentScripts, startAgent } from '../agent.ts';
import type { Machine } from './machine.ts';
import { acrossScript, fileAt, packed } from './packed.ts';
import type { Stay } from './stay.ts';

const FAREWELL_MS = 2_000;

/**
 * Where the clients come from, as nodes see it: this machine; or the one that a node is reached through, to which they go in our ssh
 * connection. There an agent stands for them, at the end of their links.
 */
export class Clients implements AsyncDisposable {
  readonly #made = new AsyncDisposableStack();
  readonly #agents = new Map<string, Promise<Agent>>();

  async agentFor({ machine: { jump } }: Pick<Stay, 'machine'>): Promise<Agent> {
    const key = JSON.stringify(jump?.host ?? '');
    const known = this.#agents.get(key);
    if (known !== undefined) return await known;
    const starting = (async () => {
      const { agent } = this.#made.use(await (jump === undefined ? startAgent() : agentOn(jump)));
      await agent.ask('enter', CLIENTS, '/proc/self/ns/net');
      return agent;
    })();
    this.#agents.set(key, starting);
    return await starting;
  }

  /** `host:port` at which this machine reaches a port of a node. */
  async reach({ machine: { jump } }: Pick<Stay, 'machine'>, host: string, port: number): Promise<string> {
    return jump === undefined ? `${host}:${port}` : await this.#tunnel(jump, host, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.disposeAsync();
  }

  /** Each connection to a port of this machine goes on as one from the other machine; a refusal there is one here. */
  async #tunnel(jump: Machine, host: string, port: number): Promise<string> {
    const open = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket)).on('error', () => {});
      jump.forward(host, port).then(
        (there) => {
          there.on('error', () => socket.destroy()).once('close', () => socket.destroy());
          socket.once('close', () => there.destroy());
          socket.pipe(there).pipe(socket);
        },
        () => socket.resetAndDestroy(),
      );
    });
    this.#made.defer(async () => {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

/** In a folder that goes with it, as whoever logs in there: it only sends and hears. */
async function agentOn(machine: Machine): Promise<{ readonly agent: Agent } & AsyncDisposable> {
  const folder = (await machine.read(['mktemp', '-d', '/tmp/labrys-XXXXXXXX'])).trim();
  const files = Object.entries({ ...agentScripts, ...acrossScript }).map(([path, from]) =>
    fileAt(path, from),
  );
  await machine.put(`${folder}/agent.tar.gz`, await packed(files));
  const channel = await machine.open(['sh', '-c', agentInFolder, folder]);
  const agent = new Agent(channel, channel, `the agent on ${machine.host.name}`);
  return {
    agent,
    [Symbol.asyncDispose]: async () => {
      if (channel.destroyed) return;
      const closed = once(channel, 'close');
      channel.end();
      await Promise.race([closed, sleep(FAREWELL_MS, undefined, { ref: false })]);
    },
  };
}

const agentInFolder =
  'trap "" HUP; tar --no-same-owner -C "$0" -xzf "$0/agent.tar.gz" && perl "$0/agent.pl"; rm -rf "$0"';
