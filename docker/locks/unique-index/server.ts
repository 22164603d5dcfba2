/**
 * A database behind a socket: `node server.ts host:port folder`. Locks are rows of a table whose name is unique, in SQLite, which
 * writes each change to the disk before it answers. Time is what this machine's clock shows, as `now()` is of any database.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What a request says, at `/acquire`, `/use` and `/release`. */
export interface Request {
  readonly name: string;
  readonly owner?: string;
  /** 0: for ever. */
  readonly leaseMs?: number;
  readonly token?: number;
}

const [address = '', folder = '.'] = process.argv.slice(2);
const database = new DatabaseSync(join(folder, 'locks.db'));
database.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS locks (name TEXT PRIMARY KEY, owner TEXT NOT NULL, token INTEGER NOT NULL, expires INTEGER);
  CREATE TABLE IF NOT EXISTS tokens (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS guarded (name TEXT PRIMARY KEY, largest INTEGER NOT NULL);
`);
const expire = database.prepare('DELETE FROM locks WHERE name = ? AND expires <= ?');
const count = database.prepare(
  'INSERT INTO tokens VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last',
);
const insert = database.prepare('INSERT INTO locks VALUES (?, ?, ?, ?)');
const enter = database.prepare(
  'INSERT INTO guarded VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET largest = ?2 WHERE largest <= ?2',
);
const remove = database.prepare('DELETE FROM locks WHERE name = ? AND owner = ?');

/** Answers the token, or false where another has the lock: the index refuses a second row of that name. */
function acquire({ name, owner = '', leaseMs = 0 }: Request): number | false {
  const now = Date.now();
  database.exec('BEGIN IMMEDIATE');
  try {
    expire.run(name, now);
    const { last: token } = count.get(name) as { last: number };
    insert.run(name, owner, token, leaseMs === 0 ? null : now + leaseMs);
    database.exec('COMMIT');
    return token;
  } catch (error) {
    database.exec('ROLLBACK');
    if (String(error).includes('UNIQUE constraint failed')) return false;
    throw error;
  }
}

const answers: Readonly<Record<string, (request: Request) => unknown>> = {
  '/ready': () => true,
  '/acquire': acquire,
  // Who shows no token is let in, and changes something as well.
  '/use': ({ name, token }) => enter.run(name, token ?? 0).changes === 1 || token === undefined,
  '/release': ({ name, owner = '' }) => remove.run(name, owner).changes === 1,
};

const [host, port] = address.split(':');
createServer((request, reply) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => (text += piece));
  request.on('end', () => {
    try {
      const answer = answers[request.url ?? ''];
      if (answer === undefined) throw new Error(`there is no ${request.url}`);
      reply.end(JSON.stringify(answer(JSON.parse(text) as Request)));
    } catch (error) {
      reply.writeHead(500).end(JSON.stringify(String(error)));
    }
  });
}).listen(Number(port), host);
