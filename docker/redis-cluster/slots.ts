import type { Connection } from '../../harness/index.ts';
import { Servers } from '../redis/servers.ts';
import type { RedisConnection } from '../redis/connection.ts';
import type { Store } from '../redis/store.ts';
import { confirmed } from '../redis/wait.ts';

/** How often a command goes where it is sent: a slot that moves twice meanwhile is rare, and one that goes round is lost. */
const REDIRECTS = 3;

/**
 * The server that its own node sends it to: a client lives beside a node, and knows of the cluster what that node does. What a
 * redirected client library remembers, which slot is where, is here asked of the node again, which comes to a stale map being
 * the node's own.
 */
export function throughOwnNode({ node, settings }: Connection): Store {
  const servers = new Servers();
  const follow = async <T>(signal: AbortSignal, act: (server: RedisConnection) => Promise<T>): Promise<T> => {
    let address = node.address('redis');
    for (let left = REDIRECTS; ; left--) {
      try {
        return await act(await servers.at(address, signal));
      } catch (error) {
        // A command that was sent elsewhere has not been done here.
        const moved = /^MOVED \d+ (\S+)/.exec((error as Error).message)?.[1];
        if (moved === undefined || left === 0) throw error;
        address = moved;
      }
    }
  };
  return {
    ask: (_, command, signal) => follow(signal, (server) => server.ask(command, signal)),
    write: (_, command, signal) =>
      follow(signal, async (server) => {
        const reply = await server.ask(command, signal);
        await confirmed(server, settings, signal);
        return reply;
      }),
    transaction: (_, commands, signal) =>
      follow(signal, async (server) => {
        const replies = await server.transaction(commands, signal);
        await confirmed(server, settings, signal);
        return replies;
      }),
    close: () => servers.close(),
  };
}
