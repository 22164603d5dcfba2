import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { NotApplied } from '../../harness/index.ts';
import { framesTo } from './frames.ts';
import { Reader, Writer } from './jute.ts';
import { create, getChildren, getData } from './requests.ts';
import { Refused, Session } from './session.ts';

const open: (Server | Session)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Asked {
  readonly xid: number;
  readonly op: number;
  readonly socket: Socket;
}

/** A server of ZooKeeper's protocol that greets as it is told, and then answers as `answer` says. */
async function serve(answer: (asked: Asked) => void, timeoutMs = 4000): Promise<string> {
  const server = createServer((socket) => {
    let greeted = false;
    socket.on('error', () => undefined);
    socket.on(
      'data',
      framesTo((message) => {
        const reader = new Reader(message);
        if (greeted) return answer({ xid: reader.int(), op: reader.int(), socket });
        greeted = true;
        socket.write(new Writer().int(0).int(timeoutMs).long(7n).bytes(Buffer.alloc(16)).frame());
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function sessionWith(answer: (asked: Asked) => void): Promise<Session> {
  const session = await Session.open(await serve(answer), 4000);
  open.push(session);
  return session;
}

const reply = (xid: number, code: number, body = new Writer()): Buffer =>
  new Writer().int(xid).long(1n).int(code).append(body).frame();
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

test('answers find whoever asked, in whatever order they come', async () => {
  const asked: Asked[] = [];
  const session = await sessionWith((one) => {
    asked.push(one);
    if (asked.length < 2) return;
    for (const { xid, socket } of asked.toReversed())
      socket.write(reply(xid, 0, new Writer().bytes(`/answer to ${xid}`)));
  });
  const paths = await Promise.all([1, 2].map(() => create(session, '/a', '', 'persistent', soon())));
  expect(paths).toEqual(['/answer to 1', '/answer to 2']);
});

test.each([
  [-110, 'node exists'],
  [-103, 'bad version'],
  [-101, 'no node'],
])('a refusal is an answer, and the session goes on: %d', async (code, said) => {
  const session = await sessionWith(({ xid, socket }) => socket.write(reply(xid, code)));
  const asked = create(session, '/a', '', 'persistent', soon());
  await expect(asked).rejects.toBeInstanceOf(Refused);
  await expect(asked).rejects.toThrow(said);
  expect(session.ended).toBe(false);
});

test('what is not there has no data and no children', async () => {
  const session = await sessionWith(({ xid, socket }) => socket.write(reply(xid, -101)));
  expect(await getData(session, '/a', soon())).toBe(undefined);
  expect(await getChildren(session, '/a', soon())).toEqual([]);
});

test('a session that is over was asked in vain; of any other error nobody knows what it left behind', async () => {
  for (const [code, certain] of [
    [-112, true],
    [-4, false],
  ] as const) {
    const session = await sessionWith(({ xid, socket }) => socket.write(reply(xid, code)));
    const failed = await create(session, '/a', '', 'persistent', soon()).catch((error: unknown) => error);
    expect(failed instanceof NotApplied).toBe(certain);
    expect(session.ended).toBe(true);
  }
});

test('a connection that breaks before the answer leaves it open, and what is asked later was not asked', async () => {
  const session = await sessionWith(({ socket }) => socket.destroy());
  const failed = await create(session, '/a', '', 'persistent', soon()).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(Error);
  expect(failed).not.toBeInstanceOf(NotApplied);
  await expect(create(session, '/a', '', 'persistent', soon())).rejects.toBeInstanceOf(NotApplied);
});

test('a notice reaches whoever watches', async () => {
  const session = await sessionWith(({ xid, socket }) => {
    socket.write(new Writer().int(-1).long(-1n).int(0).int(2).int(3).bytes('/watched').frame());
    socket.write(reply(xid, 0, new Writer().bytes('/a')));
  });
  const noticed = session.notice('/watched', soon());
  await create(session, '/a', '', 'persistent', soon());
  await expect(noticed).resolves.toBe(undefined);
});

test('a deadline ends the wait', async () => {
  const session = await sessionWith(() => undefined);
  const over = new AbortController();
  const asked = create(session, '/a', '', 'persistent', over.signal);
  over.abort(new Error('the time is over'));
  await expect(asked).rejects.toThrow('the time is over');
});

test('a server that wants no session, or is not there, was asked for nothing', async () => {
  await expect(Session.open(await serve(() => undefined, 0), 4000)).rejects.toBeInstanceOf(NotApplied);
  const address = await serve(() => undefined);
  const server = open.pop() as Server;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await expect(Session.open(address, 4000)).rejects.toBeInstanceOf(NotApplied);
});
