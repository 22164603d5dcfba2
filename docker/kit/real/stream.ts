import { connect } from 'node:net';
import { Unreachable } from '../kit.ts';
import { errorOf, isReply } from './answer.ts';
import { onLines, parse, placeOf } from './frames.ts';
import type { Mail } from './mail.ts';

/** A connection that let a call time out, and has been silent for so long, is given up; the next call opens another. */
const SILENCE_MS = 500;
const LONGEST_QUEUE_BYTES = 64 << 20;

export interface Peer {
  readonly id: string;
  /** `host:port`. */
  readonly address: string;
}

export interface Stream {
  call(name: string, body: unknown, withinMs: number): Promise<unknown>;
}

/**
 * One connection to a peer: many calls in flight, each a line of JSON. When it breaks, so do all of them.
 *
 * It is given up after half a second's silence, because TCP itself doubles its patience with every retransmission: after a
 * cut of ten seconds it would stay silent for up to ten more. What the kernel still holds may arrive even so, later
 * and beside what a new connection carries, as it may anywhere.
 */
export function openStream(from: string, to: Peer, mail: Mail, closed: () => void): Stream {
  const open = new Map<number, { readonly name: string; readonly settle: (reply: unknown) => void }>();
  const socket = connect(placeOf(to.address)).setNoDelay(true).setKeepAlive(true);
  let silentSince = performance.now();
  let ended: string | undefined;

  const end = (why: string): void => {
    if (ended !== undefined) return;
    ended = why;
    closed();
    socket.destroy();
    for (const { settle } of open.values()) settle({ error: why, notApplied: false });
    open.clear();
  };
  socket.on('error', (error) => end(error.message)).on('close', () => end('connection closed'));
  onLines(
    socket,
    (line) => {
      silentSince = performance.now();
      const frame = parse(line);
      if (!Array.isArray(frame)) return;
      const [number, reply] = frame as [number, unknown];
      const call = open.get(number);
      if (call === undefined) return;
      open.delete(number);
      mail.note('returned', number, to.id, call.name);
      call.settle(reply);
    },
    () => end('sent a message without end'),
  );

  return {
    call: (name, body, withinMs) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(new Unreachable(ended));
        if (socket.writableLength > LONGEST_QUEUE_BYTES)
          return reject(new Unreachable('too much is waiting to be sent'));
        if (open.size === 0) silentSince = performance.now();
        const number = mail.next();
        const settle = (reply: unknown): void => {
          clearTimeout(timer);
          if (!isReply(reply)) reject(new Unreachable(`no answer to ${name} that makes sense`));
          else if ('ok' in reply) resolve(reply.ok);
          else reject(errorOf(reply));
        };
        const timer = setTimeout(() => {
          const why = `no answer to ${name} in ${withinMs} ms`;
          open.delete(number);
          reject(new Unreachable(why));
          if (performance.now() - silentSince > SILENCE_MS) end(why);
        }, withinMs);
        open.set(number, { name, settle });
        mail.note('sent', number, to.id, name, body);
        socket.write(`${JSON.stringify([number, from, name, body ?? null])}\n`);
      }),
  };
}
