import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MailBag } from '../../../harness/system.ts';
import { startProcesses, type Processes } from '../fixtures/processes.ts';
import { placeOf } from './frames.ts';

const linux = process.platform === 'linux';
const parrot = new URL('../fixtures/parrot.ts', import.meta.url);

describe.skipIf(!linux)('a node as a process (on Linux, where all of 127.0.0.0/8 is this machine)', () => {
  let nodes: Processes;
  beforeAll(async () => {
    nodes = startProcesses(parrot, 2);
    await Promise.all(nodes.ids.map(nodes.ready));
  });
  afterAll(() => nodes[Symbol.asyncDispose]());

  test('asks its peer over a stream, and gets the answer', async () => {
    expect(await nodes.ask('n1', 'ask', 'n2', 'hello')).toEqual({
      code: 200,
      value: { body: 'hello', from: 'n1', by: 'n2' },
    });
  });

  test('tells its peer in a datagram', async () => {
    // A datagram may be lost, also here: it is sent until one arrives.
    let noted: unknown;
    do {
      await nodes.ask('n1', 'tell', 'n2', 'by UDP');
      noted = (await nodes.ask('n2', 'noted')).value;
    } while ((noted as unknown[]).length === 0);
    expect(noted).toContain('by UDP');
  });

  test('notes each message where it is sent and where it arrives, and its answer likewise', async () => {
    const mail = async (id: string) => {
      const response = await fetch(`http://${nodes.address(id, 'client')}/mail?`);
      return ((await response.json()) as MailBag).events;
    };
    await nodes.ask('n1', 'ask', 'n2', 'posted');
    const [one, two] = [await mail('n1'), await mail('n2')];
    const [, number] = one.findLast(([kind, , , name]) => kind === 'sent' && name === 'echo') ?? [];
    expect(number).toBeTypeOf('number');
    const of = (events: typeof one) =>
      events.filter((event) => event[1] === number).map(([kind, , peer, name]) => [kind, peer, name]);
    expect(of(one)).toEqual([
      ['sent', 'n2', 'echo'],
      ['returned', 'n2', 'echo'],
    ]);
    expect(of(two)).toEqual([
      ['arrived', 'n1', 'echo'],
      ['answered', 'n1', 'echo'],
    ]);
  });

  test('says 409 and who leads where something was not applied, also when it heard so from its peer', async () => {
    expect(await nodes.ask('n1', 'refuse', 'n2')).toEqual({
      code: 409,
      error: 'a parrot refused',
      leader: 'n2',
    });
  });

  test('says 500 where nobody knows, writes the reason down, and lives', async () => {
    expect(await nodes.ask('n1', 'blunder')).toEqual({ code: 500, error: 'a blunder' });
    expect(nodes.errors('n1')).toContain('TypeError: a blunder');
    expect((await nodes.ask('n1', 'noted')).code).toBe(200);
  });

  test('prefers the method that is named for the workload', async () => {
    expect((await nodes.ask('n1', 'other.kept')).value).toBe('what another workload keeps');
    expect((await nodes.ask('n1', 'any.kept')).value).toEqual([]);
  });

  test('says what it is, to whoever asks and in its log', async () => {
    expect(await nodes.ask('n1', 'status')).toEqual({ code: 200, id: 'n1', role: 'parrot', term: 0 });
    expect(nodes.log('n1')[0]).toMatchObject({
      node: 'n1',
      role: 'parrot',
      term: 0,
      time: expect.any(String),
    });
  });

  test.each([
    ['nothing at all', ''],
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)).toString('latin1')],
    ['half a message', '[1,"n2","ec'],
    ['JSON that is no message', 'null\n{}\n3\n[]\n'],
    ['a stranger’s message', '[1,"n9","echo",null]\n'],
    ['a message that nobody knows', '[1,"n2","constructor",null]\n[2,"n2","__proto__",null]\n'],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
  ])('survives %s on its peers’ port, by stream and by datagram', async (_, text) => {
    const place = placeOf(nodes.address('n1', 'peer'));
    const stream = connect(place);
    stream.on('error', () => {});
    stream.end(text);
    stream.resume();
    const datagrams = createSocket('udp4');
    await new Promise((sent) => datagrams.send(text, place.port, place.host, sent));
    datagrams.close();
    await once(stream, 'close');
    expect((await nodes.ask('n1', 'ask', 'n2', 'still there')).code).toBe(200);
  });

  test.each([
    ['no JSON', 'keep', 'not JSON', 400],
    ['a key that is neither string nor number', 'keep', '{"key":{}}', 400],
    ['too much', 'keep', `{"key":"x","value":"${'x'.repeat(2 << 20)}"}`, 413],
    ['an operation that is everybody’s', 'constructor', '{"key":"x"}', 404],
    ['a path that is none', '%E0%A4%A', '{"key":"x"}', 404],
  ])('refuses a client that sends %s', async (_, f, body, code) => {
    const url = `http://${nodes.address('n1', 'client')}/${f}`;
    const response = await fetch(url, { method: 'POST', body });
    expect(response.status).toBe(code);
    expect(await response.json()).toHaveProperty('error');
  });

  test('operations without a key are asked as such (they were refused, and every read of membership failed)', async () => {
    const url = `http://${nodes.address('n1', 'client')}/noted`;
    const response = await fetch(url, { method: 'POST', body: '{}' });
    expect(response.status).toBe(200);
  });

  test('survives clients that break off in the middle of a request', async () => {
    const socket = connect(placeOf(nodes.address('n1', 'client')));
    socket.write('POST /keep HTTP/1.1\r\nhost: n1\r\ncontent-length: 100\r\n\r\n{"key"', () =>
      socket.destroy(),
    );
    await once(socket, 'close');
    expect((await nodes.ask('n1', 'noted')).code).toBe(200);
  });

  test('keeps what it synced when it is killed, and no more', async () => {
    await nodes.ask('n2', 'keep', 'synced');
    await nodes.ask('n2', 'jot', 'not synced');
    expect((await nodes.ask('n2', 'kept')).value).toEqual(['synced', 'not synced']);
    await nodes.kill('n2');
    expect((await nodes.ask('n1', 'ask', 'n2')).code).toBe(500);
    nodes.start('n2');
    await nodes.ready('n2');
    expect((await nodes.ask('n2', 'kept')).value).toEqual(['synced']);
    expect((await nodes.ask('n1', 'ask', 'n2')).code).toBe(200);
  });

  test('ends, and says why, when its protocol throws where nobody could catch it', async () => {
    await nodes.ask('n2', 'die');
    while (nodes.exitCode('n2') === null) await new Promise((wake) => setTimeout(wake, 10));
    expect(nodes.exitCode('n2')).toBe(70);
    expect(nodes.errors('n2')).toContain('expectNothing');
  });
});

test.skipIf(!linux)('a node whose port is taken says so', async () => {
  await using nodes = startProcesses(parrot, 1);
  await nodes.ready('n1');
  nodes.start('n1');
  while (nodes.exitCode('n1') === null) await new Promise((wake) => setTimeout(wake, 10));
  expect(nodes.exitCode('n1')).toBe(71);
  expect(nodes.errors('n1')).toMatch(/cannot listen: .*EADDRINUSE/);
});
