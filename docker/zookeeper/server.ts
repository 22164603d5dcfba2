import { type Connection, NotApplied } from '../../harness/index.ts';
import { create, type Found, getChildren, getData, setData, sync } from './requests.ts';
import { Refused, Session } from './session.ts';

/** A session is over when its server has heard nothing for so long. */
const SESSION_MS = 4_000;
/** So often a change that another got in the way of is tried anew. Giving up then is certain: nothing was written. */
const TRIES = 8;

/** The server that a process speaks to, in a session, and in another where that has ended. */
export class Server {
  readonly #connection: Connection;
  #session: Session | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async session(): Promise<Session> {
    if (this.#session === undefined || this.#session.ended)
      this.#session = await Session.open(this.#connection.node.address('client'), SESSION_MS);
    return this.#session;
  }

  async read(path: string, signal: AbortSignal): Promise<Found | undefined> {
    return await getData(await this.#upToDate(signal), path, signal);
  }

  async children(path: string, signal: AbortSignal): Promise<readonly string[]> {
    return await getChildren(await this.#upToDate(signal), path, signal);
  }

  /** Whatever was there, or nothing. */
  async write(path: string, data: string, signal: AbortSignal): Promise<void> {
    const session = await this.session();
    // One of the two finds what it needs: nodes are made, but never removed.
    if (await did('no node', setData(session, path, data, -1, signal))) return;
    if (await did('node exists', create(session, path, data, 'persistent', signal))) return;
    await setData(session, path, data, -1, signal);
  }

  /** A node without data, in a folder that may not be there yet. */
  async put(path: string, signal: AbortSignal): Promise<void> {
    const session = await this.session();
    if (await did('no node', create(session, path, '', 'persistent', signal))) return;
    await this.folder(path.slice(0, path.lastIndexOf('/')), signal);
    await create(session, path, '', 'persistent', signal);
  }

  /** Makes sure that it is there. */
  async folder(path: string, signal: AbortSignal): Promise<void> {
    await did('node exists', create(await this.session(), path, '', 'persistent', signal));
  }

  /** Reads, works out what to write, and writes it if nothing has changed since. `false`: nothing was to be written. */
  async change(
    path: string,
    signal: AbortSignal,
    next: (data: string | undefined) => string | undefined,
  ): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.read(path, signal);
      const data = next(found?.data);
      if (data === undefined) return false;
      const session = await this.session();
      const written =
        found === undefined
          ? await did('node exists', create(session, path, data, 'persistent', signal))
          : await did('bad version', setData(session, path, data, found.version, signal));
      if (written) return true;
    }
    throw new NotApplied(`others got in the way ${TRIES} times`);
  }

  close(): void {
    this.#session?.close();
  }

  async #upToDate(signal: AbortSignal): Promise<Session> {
    const session = await this.session();
    if (this.#connection.settings.options['reads'] !== 'local') await sync(session, signal);
    return session;
  }
}

/** Whether it was done, and not refused for this one reason. */
async function did(unless: string, asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof Refused && error.message === unless) return false;
    throw error;
  }
}
