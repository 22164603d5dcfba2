import { Agent, request } from 'node:http';
import type { Key, Operations } from 'knossos-js';
import { NotApplied } from '../../harness/client.ts';
import type { Call, Client, ClientBinding, Connection } from '../../harness/client.ts';
import type { Node } from '../../harness/runtime.ts';
import type { MailBag, MailEvent } from '../../harness/system.ts';
import type { Workload } from '../../harness/workload.ts';
import { NotApplied as Refused } from './kit.ts';
import { ConnectionRefused } from './sim/request.ts';

/** How often a client goes where it is sent. The node that sent it there may itself be behind the times. */
const REDIRECTS = 2;

/**
 * One client for every protocol on the kit, whatever the workload: it asks its node for `workload.operation`. Told that
 * the operation was not applied, and who leads instead, it asks there; anything else that goes wrong it hands on.
 */
export function kitClient<Ops extends Operations, Options>(workload: Workload<Ops, Options>): ClientBinding {
  return { workload: workload.name, open: async (connection) => openClient(workload.name, connection) };
}

function openClient(workload: string, { node, nodes, process }: Connection): Client<Operations> {
  const agent = new Agent({ keepAlive: true });
  const ask = async (f: string, call: Call): Promise<unknown> => {
    let at = node;
    for (let left = REDIRECTS; ; left--) {
      try {
        return await askNode(at, process, `${workload}.${f}`, call, agent);
      } catch (error) {
        if (!(error instanceof Elsewhere)) throw error;
        const leader = nodes.find(({ name }) => name === error.leader);
        if (!leader || leader === at || left === 0) throw new NotApplied(error.message);
        at = leader;
      }
    }
  };
  // A method for whatever operation is asked for. The node knows which there are.
  return new Proxy({} as Client<Operations>, {
    get: (_, f) => {
      if (f === Symbol.asyncDispose) return async () => agent.destroy();
      return typeof f === 'string' && f !== 'then' ? (call: Call) => ask(f, call) : undefined;
    },
  });
}

/** It was not applied, and the node may know who would apply it. */
class Elsewhere extends Error {
  readonly leader: string | undefined;

  constructor(message: string, leader: string | undefined) {
    super(message);
    this.leader = leader;
  }
}

async function askNode(
  node: Node,
  process: number,
  f: string,
  { key, value, signal }: { key: Key; value: unknown; signal: AbortSignal },
  agent: Agent,
): Promise<unknown> {
  if (node.ask) {
    return node.ask(process, f, key, value, signal).catch((error: unknown) => {
      if (error instanceof Refused) throw new Elsewhere(error.message, error.leader);
      if (error instanceof ConnectionRefused) throw new NotApplied(error.message);
      throw error;
    });
  }
  const url = `http://${node.address('client')}/${f}`;
  const { code, body } = await exchange(
    url,
    { method: 'POST', agent, signal },
    JSON.stringify({ key, value }),
  );
  if (code === 200) return body['value'];
  const error = `${node.name}: ${typeof body['error'] === 'string' ? body['error'] : `HTTP ${code}`}`;
  if (code === 409) throw new Elsewhere(error, body['leader'] as string | undefined);
  throw new Error(error);
}

/** What a node says of itself. */
export async function statusOf(
  node: Node,
  signal: AbortSignal,
): Promise<{ readonly role?: string; readonly term?: number; readonly leader?: string }> {
  if (node.ask) return (await node.ask(-1, 'status', '', undefined, signal)) as object;
  const { code, body } = await exchange(`http://${node.address('client')}/status`, { agent: false, signal });
  if (code !== 200) throw new Error(`${node.name} answers /status with ${code}`);
  return body;
}

/** What a node has sent and been sent since. */
export async function mailOf(node: Node, cursor: string, signal: AbortSignal): Promise<MailBag> {
  const url = `http://${node.address('client')}/mail?${cursor}`;
  const { code, body } = await exchange(url, { agent: false, signal });
  const { at, next, events } = body;
  if (code !== 200 || typeof at !== 'number' || typeof next !== 'string' || !Array.isArray(events))
    throw new Error(`${node.name} answers /mail with ${code}`);
  // What the events say is written down as it is; whoever reads it again takes nothing on trust.
  return { at, next, events: events as MailEvent[] };
}

/** One HTTP request. What was never sent was certainly not applied: nobody took the connection. */
function exchange(
  url: string,
  options: { method?: string; agent: Agent | false; signal: AbortSignal },
  content?: string,
): Promise<{ readonly code: number; readonly body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          try {
            const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
            resolve({ code: response.statusCode ?? 0, body });
          } catch (cause) {
            reject(new Error(`the answer from ${url} is not JSON`, { cause }));
          }
        });
    });
    sent.on('error', (error) => {
      const refused = 'code' in error && error.code === 'ECONNREFUSED';
      reject(refused ? new NotApplied(error.message) : error);
    });
    sent.end(content);
  });
}
