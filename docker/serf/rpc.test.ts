import { encode } from '@msgpack/msgpack';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { NotApplied } from '../../harness/index.ts';
import { aliveAccordingTo } from './rpc.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Says all of this to whoever comes, in pieces of three bytes; then nothing more. */
async function saying(...parts: readonly unknown[]): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const all = Buffer.concat(parts.map((part) => encode(part)));
    for (let at = 0; at < all.length; at += 3) socket.write(all.subarray(at, at + 3));
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const fine = [
  { Seq: 0, Error: '' },
  { Seq: 1, Error: '' },
];

test('those whom the agent takes for alive are named', async () => {
  const members = [{ Name: 'n1', Status: 'alive', Tags: {} }, { Name: 'n3' }];
  expect(await aliveAccordingTo(await saying(...fine, { Members: members }), soon())).toEqual(['n1', 'n3']);
});

test.each([
  ['an error', [{ Seq: 0, Error: 'Handshake required' }], 'Handshake required'],
  ['nothing', [], 'Serf answered: nothing'],
  ['half of it', fine, 'without members'],
  ['something else', [...fine, { Members: 7 }], 'without members'],
])('%s is no answer', async (_, parts, said) => {
  await expect(aliveAccordingTo(await saying(...parts), soon())).rejects.toThrow(said);
});

test('where nobody listens nothing was asked', async () => {
  const address = await saying();
  await new Promise((resolve) => (open.pop() as Server).close(resolve));
  await expect(aliveAccordingTo(address, soon())).rejects.toBeInstanceOf(NotApplied);
});
