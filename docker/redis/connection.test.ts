import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotApplied } from '../../harness/index.ts';
import { connectTo, type RedisConnection } from './connection.ts';

/** Says what the last word of a command tells it to say, as it is on the wire; nothing to `silence`; hangs up at `hang up`. */
const server = createServer((socket: Socket) => {
  socket.on('data', (data) => {
    const said = String(data).split('\r\n').at(-2) ?? '';
    if (said === 'hang up') socket.destroy();
    else if (said !== 'silence') socket.write(`${said}\r\n`);
  });
});
let address: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const never = (): AbortSignal => AbortSignal.timeout(10_000);
const connected = (): Promise<RedisConnection> => connectTo(address, never());

test.each([
  ['+OK', 'OK'],
  [':7', 7],
  ['$-1', null],
])('an answer is one: %s', async (wire, reply) => {
  const connection = await connected();
  expect(await connection.ask(['SAY', wire], never())).toBe(reply);
  connection.close();
});

test.each([
  'READONLY You can’t write against a read only replica.',
  'NOREPLICAS Not enough good replicas to write.',
  'CLUSTERDOWN The cluster is down',
  'MOVED 3999 10.0.0.2:6379',
])('what was refused before anything was done has not happened: %s', async (error) => {
  const connection = await connected();
  await expect(connection.ask(['SAY', `-${error}`], never())).rejects.toBeInstanceOf(NotApplied);
  expect(connection.closed).toBe(false);
  connection.close();
});

test.each(['ERR something', 'UNBLOCKED force unblock from blocking operation', 'READONLYISH no'])(
  'of any other error nobody knows what it left behind: %s',
  async (error) => {
    const connection = await connected();
    const asked = connection.ask(['SAY', `-${error}`], never());
    await expect(asked).rejects.toThrow(error);
    await expect(asked).rejects.not.toBeInstanceOf(NotApplied);
    expect(connection.closed).toBe(true);
  },
);

test('a connection that breaks before the answer leaves it open, and asks nothing again', async () => {
  const connection = await connected();
  const asked = connection.ask(['SAY', 'hang up'], never());
  await expect(asked).rejects.toThrow(Error);
  await expect(asked).rejects.not.toBeInstanceOf(NotApplied);
  expect(connection.closed).toBe(true);
  await expect(connection.ask(['SAY', '+OK'], never())).rejects.toBeInstanceOf(NotApplied);
});

test('a deadline ends the wait and the connection', async () => {
  const connection = await connected();
  const over = new AbortController();
  const asked = connection.ask(['SAY', 'silence'], over.signal);
  over.abort(new Error('the time is over'));
  await expect(asked).rejects.toThrow('the time is over');
  expect(connection.closed).toBe(true);
});

test('where nobody listens nothing was asked', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await expect(connectTo(`127.0.0.1:${port}`, never())).rejects.toBeInstanceOf(NotApplied);
});
