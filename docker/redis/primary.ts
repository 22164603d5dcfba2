import { type Connection, NotApplied } from '../../harness/index.ts';
import type { RedisConnection } from './connection.ts';
import { Servers } from './servers.ts';
import type { Store } from './store.ts';
import { confirmed } from './wait.ts';

/** What the Sentinels call what they watch over. */
export const SERVICE = 'labrys';
/** Asks a Sentinel where the primary is. */
export const ADDRESS = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', SERVICE];

/**
 * The primary, as the Sentinel of the client's own node sees it: a client lives beside a node, and beside one that is cut off
 * nobody has heard of a new primary. Client libraries listen to what their Sentinel has to tell; here it is asked
 * before every operation, which comes to the same.
 */
export function throughSentinel({ node, nodes, settings }: Connection): Store {
  const servers = new Servers();
  const addresses = new Set(nodes.map((one) => one.address('redis')));
  const primary = async (signal: AbortSignal): Promise<RedisConnection> => {
    const address = await primaryAccordingTo(await servers.at(node.address('sentinel'), signal), signal);
    if (!addresses.has(address))
      throw new NotApplied(`the Sentinel of ${node.name} takes ${address} for the primary, which is no node`);
    return await servers.at(address, signal);
  };
  return {
    async ask(_, command, signal) {
      const own = settings.options['reads'] === 'own';
      const server = await (own ? servers.at(node.address('redis'), signal) : primary(signal));
      return await server.ask(command, signal);
    },
    async write(_, command, signal) {
      const server = await primary(signal);
      const reply = await server.ask(command, signal);
      await confirmed(server, settings, signal);
      return reply;
    },
    async transaction(_, commands, signal) {
      const server = await primary(signal);
      const replies = await server.transaction(commands, signal);
      await confirmed(server, settings, signal);
      return replies;
    },
    close: () => servers.close(),
  };
}

/** Nothing has been asked for yet, so that whatever goes wrong here is certain. */
async function primaryAccordingTo(sentinel: RedisConnection, signal: AbortSignal): Promise<string> {
  const found = await sentinel.ask(ADDRESS, signal).catch((cause: unknown) => {
    throw new NotApplied(`no primary: ${(cause as Error).message}`, { cause });
  });
  if (!Array.isArray(found)) throw new NotApplied('the Sentinel knows of no primary');
  return found.join(':');
}
