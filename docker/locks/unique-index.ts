import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import type { Key } from 'knossos-js';
import { type Connection, type Node, NotApplied } from '../../harness/index.ts';
import type { LockService, Locks, Wanted } from './service.ts';
import type { Request } from './unique-index/server.ts';

const FOLDER = join(import.meta.dirname, 'unique-index');
const SERVER = join(FOLDER, 'server.ts');

/** What many an application does that has a database anyway: the first node is the database, and the others have nothing to do. */
export const uniqueIndex: LockService = {
  about: 'rows of an SQL table with a unique index, on the first node',
  recipe(self, _, { runtime }) {
    const place = [self.address('sql'), self.data];
    if (runtime !== 'docker') return { command: [process.execPath, SERVER, ...place] };
    const base = 'debian:bookworm-slim';
    const sum = createHash('sha256').update(process.version).update(readFileSync(SERVER)).digest('hex');
    return {
      command: ['/labrys/node', '/labrys/server.ts', ...place],
      image: `labrys-unique-index:${sum.slice(0, 12)}`,
      build: {
        context: FOLDER,
        bases: [base],
        args: { BASE: base },
        extra: { node: realpathSync(process.execPath) },
      },
    };
  },
  async ready(node, { signal }) {
    await post(new Agent(), node, 'ready', { name: '' }, signal);
  },
  open: rows,
};

function rows({ nodes }: Connection, { leaseMs, tokens, fences }: Wanted): Locks {
  const [database] = nodes as readonly [Node];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const held = new Map<Key, string>();
  return {
    async acquire(key, signal) {
      const owner = randomUUID();
      const token = await post(agent, database, 'acquire', { name: `${key}`, owner, leaseMs }, signal);
      if (typeof token !== 'number') return false;
      held.set(key, owner);
      return [tokens ? token : null, leaseMs === 0 ? null : leaseMs];
    },
    async use(key, token, signal) {
      const shown = fences ? { token: Number(token) } : {};
      return (await post(agent, database, 'use', { name: `${key}`, ...shown }, signal)) === true;
    },
    async release(key, _, signal) {
      const owner = held.get(key);
      held.delete(key);
      if (owner === undefined) return false;
      return (await post(agent, database, 'release', { name: `${key}`, owner }, signal)) === true;
    },
    close: () => agent.destroy(),
  };
}

function post(agent: Agent, node: Node, path: string, body: Request, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `http://${node.address('sql')}/${path}`,
      { method: 'POST', agent, signal },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (piece: string) => (text += piece));
        reply.on('error', reject);
        reply.on('end', () => {
          if (reply.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`the database answered ${reply.statusCode}: ${text}`));
        });
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.syscall === 'connect' ? new NotApplied(error.message, { cause: error }) : error),
    );
    asked.end(JSON.stringify(body));
  });
}
