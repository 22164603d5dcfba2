import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Key, Messages, Node, Status } from '../kit.ts';
import { clientMethod } from '../method.ts';
import { answer } from './answer.ts';
import { parse, placeOf } from './frames.ts';
import type { Mail } from './mail.ts';

const LONGEST_BODY = 1 << 20;
const ANSWERS = new Set([200, 409, 500]);

/** What clients may ask about. */
interface Asked {
  readonly id: string;
  readonly node: Node<Messages, Messages>;
  readonly mail: Mail;
  readonly status: () => Status | undefined;
  readonly mistake: (error: unknown) => void;
}

/**
 * What clients speak:
 *
 * - `POST /<f>` with `{"key"?, "value"}` → 200 `{"value"}`, or 409 `{"error", "leader"?}` where it was not applied and
 *   never will be, or 500 `{"error"}` where nobody knows;
 * - `GET /status` → `{"id", "role"?, "term"?, "leader"?}`;
 * - `GET /mail?<cursor>` → `{"at", "next", "events"}`: what it has sent and been sent since, see {@link Mail}.
 */
export async function listenForClients(address: string, asked: Asked): Promise<void> {
  const { id, node, mail, status, mistake } = asked;
  const respond = async (request: IncomingMessage): Promise<readonly [code: number, body: object]> => {
    const [f = '', cursor = ''] = (request.url ?? '/').slice(1).split('?');
    if (f === 'status') return [200, { id, ...status() }];
    if (f === 'mail') return [200, mail.collect(cursor)];
    if (request.method !== 'POST') return [405, { error: `ask with POST /${f}` }];
    const method = clientMethod(node, f);
    if (!method) return [404, { error: `no operation ${f}` }];
    const text = await readBody(request);
    if (text === undefined) return [413, { error: `a body has at most ${LONGEST_BODY} bytes` }];
    const body = parse(text);
    if (!isQuestion(body)) return [400, { error: 'the body is not {"key"?: string or number, "value": …}' }];
    const reply = await answer(() => method(body.value, body.key), mistake);
    if ('ok' in reply) return [200, { value: reply.ok }];
    const { error, notApplied, leader } = reply;
    return [notApplied ? 409 : 500, { error, ...(leader === undefined ? {} : { leader }) }];
  };
  const server = createServer((request, response) => {
    void respond(request)
      .catch((error: unknown) => [400, { error: String(error) }] as const)
      .then(([code, body]) => {
        // A request that was refused may not have been read to its end: nothing can follow it.
        const connection = ANSWERS.has(code) ? 'keep-alive' : 'close';
        response
          .writeHead(code, { 'content-type': 'application/json', connection })
          .end(JSON.stringify(body));
      });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(placeOf(address));
  await once(server, 'listening');
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isQuestion(body: unknown): body is { readonly key: Key; readonly value?: unknown } {
  if (typeof body !== 'object' || body === null) return false;
  // Operations of a workload have keys throughout or not at all, and the node knows which.
  if (!('key' in body)) return true;
  return typeof body.key === 'string' || typeof body.key === 'number';
}
