import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Messages, Node } from '../kit.ts';
import { answer } from './answer.ts';
import { onLines, parse, placeOf } from './frames.ts';
import type { Mail } from './mail.ts';

export interface Inbox {
  readonly node: Node<Messages, Messages>;
  /** Whose messages count. Anything else that arrives is dropped. */
  readonly peers: readonly string[];
  readonly mail: Mail;
  readonly mistake: (error: unknown) => void;
  /** Until then nothing is handed to the node. */
  readonly started: Promise<void>;
}

/** `[number, from, name, body]` on a stream: call the method, and write `[number, reply]`. */
export async function listenForCalls(address: string, inbox: Inbox): Promise<void> {
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    onLines(
      socket,
      (line) => {
        const frame = parse(line);
        if (!Array.isArray(frame) || typeof frame[0] !== 'number') return void socket.destroy();
        const [number, from, name, body] = frame as [number, unknown, unknown, unknown];
        const run = methodFor(inbox, from, name, body);
        if (!run) return void socket.destroy();
        const [asker, asked] = [String(from), String(name)];
        inbox.mail.note('arrived', number, asker, asked);
        void answer(run, inbox.mistake).then((reply) => {
          if (!socket.writable) return;
          inbox.mail.note('answered', number, asker, asked, 'ok' in reply ? reply.ok : undefined);
          socket.write(`${JSON.stringify([number, reply])}\n`);
        });
      },
      () => socket.destroy(),
    );
  });
  server.listen(placeOf(address));
  await once(server, 'listening');
}

/** `[from, name, body, number]` in a datagram: call the method, and forget what it answers. */
export async function listenForCasts(address: string, inbox: Inbox): Promise<Socket> {
  const { host, port } = placeOf(address);
  const socket = createSocket('udp4');
  socket.on('message', (data) => {
    const frame = parse(data.toString('utf8'));
    if (!Array.isArray(frame)) return;
    const [from, name, body, number] = frame as unknown[];
    const run = methodFor(inbox, from, name, body);
    if (!run) return;
    if (typeof number === 'number') inbox.mail.note('arrived', number, String(from), String(name));
    void inbox.started.then(() => answer(run, inbox.mistake));
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  socket.on('error', inbox.mistake);
  return socket;
}

function methodFor(inbox: Inbox, from: unknown, name: unknown, body: unknown): (() => unknown) | undefined {
  const { node, peers } = inbox;
  if (typeof from !== 'string' || !peers.includes(from)) return undefined;
  if (typeof name !== 'string' || !Object.hasOwn(node.peer, name)) return undefined;
  return () => node.peer[name]?.(body, from);
}
