import { type Context, deadline, type Node, NotApplied } from '../../harness/index.ts';

/** Even a paused node's kernel accepts at once. */
const CONNECT_MS = 500;

/** One question to one node. A node that is paused or cut off must not hold up the others. */
const PATIENCE_MS = 1_000;

export type Command = readonly string[];
export type Reply = string | number | null | readonly Reply[];

/**
 * One connection to one Redis server, by Redis' own client library without what a tester must not have: it neither connects
 * anew nor asks anything twice. Once anything but a refusal has gone wrong it is closed.
 */
export interface RedisConnection {
  readonly closed: boolean;
  ask(command: Command, signal: AbortSignal): Promise<Reply>;
  /** MULTI … EXEC: all of them, one after the other, with nothing between them. */
  transaction(commands: readonly Command[], signal: AbortSignal): Promise<readonly Reply[]>;
  close(): void;
}

/** @param address `host:port` */
export async function connectTo(address: string, signal: AbortSignal): Promise<RedisConnection> {
  const [host = '', port] = address.split(':');
  const client = (await pattern()).duplicate({
    socket: { host, port: Number(port), connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
  // Whoever waits for an answer hears of it; nobody else has to.
  client.on('error', () => undefined);
  const close = (): void => {
    if (client.isOpen) client.destroy();
  };
  /** What was asked may still be carried out when nobody waits for the answer: the connection is of no more use. */
  const untilAborted = async <T>(limit: AbortSignal, act: () => Promise<T>): Promise<T> => {
    limit.throwIfAborted();
    limit.addEventListener('abort', close, { once: true });
    try {
      return await act();
    } catch (error) {
      if (limit.aborted) throw limit.reason;
      const refused = refusal(error);
      if (refused === undefined) close();
      throw refused ?? error;
    } finally {
      limit.removeEventListener('abort', close);
    }
  };
  await untilAborted(signal, () =>
    client.connect().catch((cause: unknown) => {
      throw new NotApplied(`no connection to ${address}: ${String(cause)}`, { cause });
    }),
  );
  return {
    get closed() {
      return !client.isReady;
    },
    ask: (command, limit) => untilAborted(limit, () => client.sendCommand<Reply>([...command])),
    transaction: (commands, limit) =>
      untilAborted(limit, async () => {
        const multi = client.multi();
        for (const command of commands) multi.addCommand([...command]);
        return (await multi.exec()) as unknown as Reply[];
      }),
    close,
  };
}

type Client = Awaited<ReturnType<typeof makePattern>>;
let made: Promise<Client> | undefined;

/**
 * Never connected. The library makes a class of 400 commands for whatever options it has not seen just before, the address among
 * them, which takes 40 ms; copies share it.
 */
function pattern(): Promise<Client> {
  made ??= makePattern();
  return made;
}

async function makePattern() {
  const { createClient } = await import('@redis/client');
  return createClient({
    RESP: 2,
    disableClientInfo: true,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
  });
}

/** For the harness, which speaks to a node now and then. */
export async function askOnce(node: Node, port: string, command: Command, context: Context): Promise<Reply> {
  using limit = deadline(context.time, PATIENCE_MS, context.signal);
  const connection = await connectTo(node.address(port), limit.signal);
  try {
    return await connection.ask(command, limit.signal);
  } finally {
    connection.close();
  }
}

/** The first words of the errors that Redis gives instead of doing anything, of a transaction too. */
const REFUSALS = new Set([
  'READONLY',
  'NOREPLICAS',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CROSSSLOT',
  'MISCONF',
  'OOM',
  'BUSY',
  'EXECABORT',
]);
/** What the library says when it has nothing to write to. */
const NEVER_WRITTEN = new Set(['ClientOfflineError', 'ClientClosedError']);

function refusal(error: unknown): NotApplied | undefined {
  if (!(error instanceof Error) || error instanceof NotApplied) return error as undefined;
  const [word = ''] = error.message.split(' ');
  const certain = REFUSALS.has(word) || NEVER_WRITTEN.has(error.constructor.name);
  return certain ? new NotApplied(error.message, { cause: error }) : undefined;
}
