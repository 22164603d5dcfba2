import { connect, type Socket } from 'node:net';
import { NotApplied } from '../../harness/index.ts';
import { framesTo } from './frames.ts';
import { Reader, Writer } from './jute.ts';

/** A paused node's kernel accepts at once, but nobody answers. */
const CONNECT_MS = 1_000;
const HEARTBEAT = -2;
const NOTICE = -1;
const PING = 11;
const CLOSE = -11;

/** What a server answers when it has understood and will not do it: nothing has changed. */
const REFUSALS: Readonly<Record<number, string>> = {
  [-101]: 'no node',
  [-103]: 'bad version',
  [-110]: 'node exists',
};
const SESSION_EXPIRED = -112;

/** The answer was no. */
export class Refused extends Error {}

type Heard = (answer: Reader | Error) => void;

/**
 * One session, over one connection to one server, which it does not outlive. What client libraries do for their users, go to
 * another server and ask again, would hide what is tested; and of those on npm one cannot `sync`, and the other has to be compiled.
 */
export class Session {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Heard>();
  readonly #notices = new Map<string, Heard>();
  #heart: NodeJS.Timeout | undefined;
  #timeoutMs = 0;
  #last = 0;
  #ended: Error | undefined;

  /**
   * @param address `host:port`
   * @param timeoutMs after so long without a sign of it, the session is over, and what was there for its time goes with it
   * @param beats whether it gives signs of itself when nobody asks anything
   */
  static async open(
    address: string,
    timeoutMs: number,
    { beats = true }: { readonly beats?: boolean } = {},
  ): Promise<Session> {
    const [host = '', port] = address.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    let greet: (answer: Reader) => void = () => undefined;
    const greeting = new Promise<Reader>((resolve, reject) => {
      greet = resolve;
      socket.once('close', () => reject(new Error('no greeting')));
      socket.once('error', reject);
      socket.setTimeout(CONNECT_MS, () => reject(new Error(`no greeting in ${CONNECT_MS} ms`)));
    });
    const session = new Session(socket, (answer) => greet(answer));
    // No session goes on here: of what came before nothing is known, and the password is nothing.
    socket.write(
      new Writer().int(0).long(0n).int(timeoutMs).long(0n).bytes(Buffer.alloc(16)).bool(false).frame(),
    );
    try {
      const answer = await greeting;
      answer.int();
      session.#begin(answer.int(), beats);
      return session;
    } catch (cause) {
      socket.destroy();
      throw new NotApplied(`no session with ${address}: ${(cause as Error).message}`, { cause });
    }
  }

  private constructor(socket: Socket, greeted: (answer: Reader) => void) {
    this.#socket = socket;
    let first = true;
    socket.on(
      'data',
      framesTo((message) => {
        if (!first) return this.#hear(message);
        first = false;
        greeted(new Reader(message));
      }),
    );
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection has ended')));
  }

  /** What the server has agreed to. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** @param op the number of the request; `read` takes from the answer what is wanted of it. */
  async ask<T>(op: number, body: Writer, read: (answer: Reader) => T, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#ended) throw new NotApplied(this.#ended.message);
    const xid = ++this.#last;
    const answer = await this.#hearing(signal, (heard) => {
      this.#waiting.set(xid, heard);
      this.#send(xid, op, body);
    });
    const code = answer.int();
    if (code === 0) return read(answer);
    const refusal = REFUSALS[code];
    if (refusal !== undefined) throw new Refused(refusal);
    this.#end(new Error(`ZooKeeper answered ${code}`));
    throw code === SESSION_EXPIRED
      ? new NotApplied('the session is over')
      : new Error(`ZooKeeper answered ${code}`);
  }

  /** Resolves when the server gives notice that what was watched at this path has changed. Ask for it before you watch. */
  async notice(path: string, signal: AbortSignal): Promise<void> {
    await this.#hearing(signal, (heard) => this.#notices.set(path, heard));
  }

  /** Gives it up: what was there for its time is gone at once. */
  close(): void {
    if (this.#ended) return;
    this.#send(++this.#last, CLOSE, new Writer());
    this.#ended = new Error('closed');
    clearInterval(this.#heart);
    this.#socket.end();
  }

  #begin(timeoutMs: number, beats: boolean): void {
    if (timeoutMs <= 0) throw new Error('the server does not want it');
    this.#socket.setTimeout(0);
    this.#timeoutMs = timeoutMs;
    // A beat may be late, and another lost.
    if (beats) this.#heart = setInterval(() => this.#send(HEARTBEAT, PING, new Writer()), timeoutMs / 3);
  }

  #send(xid: number, op: number, body: Writer): void {
    this.#socket.write(new Writer().int(xid).int(op).append(body).frame());
  }

  /** Waits for an answer, or for the end of the patience, or of the connection. */
  #hearing(signal: AbortSignal, begin: (heard: Heard) => void): Promise<Reader> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      begin((answer) => {
        signal.removeEventListener('abort', giveUp);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
    });
  }

  /** An answer, a notice of what was watched, or that a heartbeat was heard. */
  #hear(message: Buffer): void {
    const reader = new Reader(message);
    const xid = reader.int();
    reader.long(); // the last change that the server has seen
    if (xid === NOTICE) {
      reader.int(); // no error
      reader.int(); // what has changed
      reader.int(); // how the session is
      const path = reader.text();
      this.#notices.get(path)?.(reader);
      this.#notices.delete(path);
      return;
    }
    this.#waiting.get(xid)?.(reader);
    this.#waiting.delete(xid);
  }

  #end(why: Error): void {
    this.#ended ??= why;
    clearInterval(this.#heart);
    this.#socket.destroy();
    for (const hearers of [this.#waiting, this.#notices]) {
      for (const heard of hearers.values()) heard(why);
      hearers.clear();
    }
  }
}
