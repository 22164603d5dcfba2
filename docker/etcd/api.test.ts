import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotApplied } from '../../harness/index.ts';
import { type Api, connectTo } from './api.ts';

/** Says what it is asked to say. */
const server = createServer((request, reply) => {
  let body = '';
  request.on('data', (piece: Buffer) => (body += String(piece)));
  request.on('end', () => {
    const { status, text } = JSON.parse(body) as { status: number; text: string };
    reply.writeHead(status).end(text);
  });
});
let api: Api;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = connectTo(`127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  api.close();
  server.close();
});
const ask = (status: number, text: string): Promise<unknown> =>
  api.ask('kv/range', { status, text }, AbortSignal.timeout(5000));

test('an answer has a header, also where nothing was found', async () => {
  const answer = { header: { revision: '7' } };
  expect(await ask(200, JSON.stringify(answer))).toEqual(answer);
});

test.each([
  [
    'of etcd 3.4',
    503,
    '{"error":"etcdserver: leader changed","message":"etcdserver: leader changed","code":14}',
  ],
  ['of etcd 3.5', 503, '{"code":14,"message":"etcdserver: leader changed","details":[]}'],
  ['of a proxy', 502, 'leader changed'],
])('an error %s is one, and no read of nothing', async (_, status, text) => {
  await expect(ask(status, text)).rejects.toThrow(`etcd answered ${status}: `);
  await expect(ask(status, text)).rejects.toThrow('leader changed');
  await expect(ask(status, text)).rejects.not.toBeInstanceOf(NotApplied);
});

test.each(['{}', 'null', '[]', '7', '', '{"kvs":[]}'])(
  '%j is no answer, whatever its status',
  async (text) => {
    await expect(ask(200, text)).rejects.toThrow('etcd answered 200');
  },
);

test.each(['error', 'message'])(
  'what was refused before it was proposed has not happened: %s',
  async (name) => {
    const text = JSON.stringify({ [name]: 'etcdserver: too many requests' });
    await expect(ask(429, text)).rejects.toBeInstanceOf(NotApplied);
  },
);
