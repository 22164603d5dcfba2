import type { Key } from 'knossos-js';
import { clientFor } from '../../harness/index.ts';
import counter from '../../workloads/counter.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import uniqueIds from '../../workloads/unique-ids.ts';
import { setData } from './requests.ts';
import { Server } from './server.ts';

/** Where everything is. Made once, before anybody asks for it. */
export const FOLDERS = ['/register', '/set', '/counter', '/ids', '/locks', '/guarded'];

/** A register is a node. */
const registerClient = clientFor(register, (connection) => {
  const server = new Server(connection);
  const place = (key: Key): string => `/register/${key}`;
  return {
    async read({ key, signal }) {
      const found = await server.read(place(key), signal);
      return found === undefined ? null : Number(found.data);
    },
    async write({ key, value, signal }) {
      await server.write(place(key), `${value}`, signal);
    },
    async cas({ key, value: [from, to], signal }) {
      return await server.change(place(key), signal, (data) => (data === `${from}` ? `${to}` : undefined));
    },
    [Symbol.asyncDispose]: async () => server.close(),
  };
});

/** A set is a node, its elements are the names of the nodes in it. */
const setClient = clientFor(set, (connection) => {
  const server = new Server(connection);
  const place = (key: Key): string => `/set/${key}`;
  return {
    async add({ key, value, signal }) {
      await server.put(`${place(key)}/${value}`, signal);
    },
    read: async ({ key, signal }) => (await server.children(place(key), signal)).map(Number),
    [Symbol.asyncDispose]: async () => server.close(),
  };
});

/** A counter is a node. What is added is added to what was read, unless that has changed meanwhile. */
const counterClient = clientFor(counter, (connection) => {
  const server = new Server(connection);
  const place = (key: Key): string => `/counter/${key}`;
  return {
    read: async ({ key, signal }) => Number((await server.read(place(key), signal))?.data ?? 0),
    async add({ key, value, signal }) {
      await server.change(place(key), signal, (data) => `${Number(data ?? 0) + value}`);
    },
    [Symbol.asyncDispose]: async () => server.close(),
  };
});

/** The number of a change: every change has its own. */
const uniqueIdsClient = clientFor(uniqueIds, (connection) => {
  const server = new Server(connection);
  return {
    generate: async ({ signal }) => Number(await setData(await server.session(), '/ids', '', -1, signal)),
    [Symbol.asyncDispose]: async () => server.close(),
  };
});

export const clients = [registerClient, setClient, counterClient, uniqueIdsClient];
