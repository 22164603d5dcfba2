import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { type Context, deadline, type Node, NotApplied } from '../../harness/index.ts';

/** Even a paused node's kernel accepts at once. */
const CONNECT_MS = 500;

/**
 * etcd's JSON gateway over plain HTTP. A gRPC client costs 2.3 times the processor time of this for the same rate, and
 * has retries of its own, which a tester must not have.
 */
export interface Api {
  ask<Answer>(path: string, body: object, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

/** One connection kept open to one node, so that one process asks one thing at a time, in its own order. */
export function connectTo(address: string): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: (path, body, signal) => post(agent, `http://${address}/v3/${path}`, JSON.stringify(body), signal),
    close: () => agent.destroy(),
  };
}

/** One question to one node. A node that is paused or cut off must not hold up the others. */
const PATIENCE_MS = 1_000;

/** On a connection of its own. */
export async function askOnce<Answer>(
  node: Node,
  context: Context,
  path: string,
  body: object,
  patienceMs: number = PATIENCE_MS,
): Promise<Answer> {
  using limit = deadline(context.time, patienceMs, context.signal);
  const api = connectTo(node.address('client'));
  try {
    return await api.ask<Answer>(path, body, limit.signal);
  } finally {
    api.close();
  }
}

/** What has no header when it is answered, or comes in pieces, a line each. */
export async function askPlainly(
  node: Node,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const url = `http://${node.address('client')}/v3/${path}`;
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal });
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(`etcd answered ${reply.status}: ${text.slice(0, 200)}`);
  return text.split('\n').filter(Boolean);
}

export const encode = (text: string): string => Buffer.from(text).toString('base64');
export const decode = (text: string): string => Buffer.from(text, 'base64').toString();

function post<Answer>(agent: Agent, url: string, body: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', agent, headers, signal }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (piece: string) => (text += piece));
      reply.on('error', reject);
      reply.on('end', () => {
        const answer = parsed(text);
        // Only what is known to be an answer is one: an error that is not recognized would be read as "nothing there".
        if (reply.statusCode === 200 && answer?.header !== undefined) resolve(answer as Answer);
        else reject(refusal(reply.statusCode, answer?.error ?? answer?.message ?? text));
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => reject(neverSent(error) ?? error));
    asked.on('socket', (socket) => refuseToWait(socket));
    asked.end(body);
  });
}

/** Every answer has a header. An error has a text, that etcd 3.4 calls `error`, and 3.5 `message`. */
interface Reply {
  readonly header?: object;
  readonly error?: string;
  readonly message?: string;
}

function parsed(text: string): Reply | undefined {
  try {
    return JSON.parse(text) as Reply;
  } catch {
    return undefined;
  }
}

/**
 * What etcd says before it proposes anything. Everything else it may say after: `etcdserver: request timed out`,
 * `leader changed`, and `no leader` too leave open whether a proposal is still on its way.
 */
const BEFORE_PROPOSING = [
  'raft proposal dropped',
  'etcdserver: too many requests',
  'etcdserver: request is too large',
];

function refusal(status: number | undefined, error: string): Error {
  const said = `etcd answered ${status}: ${error.slice(0, 200)}`;
  return BEFORE_PROPOSING.some((certain) => error.includes(certain)) ? new NotApplied(said) : new Error(said);
}

/**
 * A killed container takes its address with it, so that nobody refuses a connection and connecting takes seconds to
 * fail. As long as there is no connection nothing was sent, and giving up then is certain where a deadline is not.
 */
function refuseToWait(socket: Socket): void {
  if (!socket.connecting) return;
  const giveUp = setTimeout(
    () => socket.destroy(new NotApplied(`no connection in ${CONNECT_MS} ms`)),
    CONNECT_MS,
  );
  socket.once('connect', () => clearTimeout(giveUp));
  socket.once('close', () => clearTimeout(giveUp));
}

/** No connection, no request. A connection that breaks later may have carried it. */
function neverSent(error: NodeJS.ErrnoException): NotApplied | undefined {
  return error.syscall === 'connect' ? new NotApplied(error.message, { cause: error }) : undefined;
}
