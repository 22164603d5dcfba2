import type { Key } from 'knossos-js';
import { clientFor, NotApplied, type Connection, type Settings } from '../../harness/index.ts';
import bank, { OPENING } from '../../workloads/bank.ts';
import counter from '../../workloads/counter.ts';
import uniqueIds from '../../workloads/unique-ids.ts';
import { type Api, connectTo, decode, encode } from './api.ts';

/** So often a transaction that another got in the way of is tried anew. Giving up then is certain: nothing was written. */
const TRIES = 8;

/** A number, and the revision of its last change; 0 while there is none. */
interface Found {
  readonly value: number | undefined;
  readonly revision: string;
}

/** A counter is a key. What is added is added to what was read, unless that has changed meanwhile. */
export const counterClient = clientFor(counter, ({ node, settings }: Connection) => {
  const api = connectTo(node.address('client'));
  const place = (key: Key): string => `counter/${key}`;
  return {
    async read({ key, signal }) {
      const [found] = await readNumbers(api, [place(key)], settings, signal);
      return found?.value ?? 0;
    },
    async add({ key, value, signal }) {
      await change(api, [place(key)], settings, signal, ([sum = 0]) => [sum + value]);
    },
    [Symbol.asyncDispose]: async () => api.close(),
  };
});

/** An account is a key; one that nobody has touched holds what all do in the beginning. */
export const bankClient = clientFor(bank, ({ node, settings }: Connection) => {
  const api = connectTo(node.address('client'));
  const place = (key: Key, account: number): string => `bank/${key}/${account}`;
  return {
    async read({ key, value: accounts, signal }) {
      const all = Array.from({ length: accounts }, (_, account) => place(key, account));
      return (await readNumbers(api, all, settings, signal)).map(({ value }) => value ?? OPENING);
    },
    async transfer({ key, value: [from, to, amount], signal }) {
      const both = [place(key, from), place(key, to)];
      return change(api, both, settings, signal, ([has = OPENING, other = OPENING]) =>
        has < amount ? undefined : [has - amount, other + amount],
      );
    },
    [Symbol.asyncDispose]: async () => api.close(),
  };
});

/** The revision of a write: every write has its own. */
export const uniqueIdsClient = clientFor(uniqueIds, ({ node }: Connection) => {
  const api = connectTo(node.address('client'));
  return {
    async generate({ signal }) {
      const { header } = await api.ask<{ header: { revision: string } }>(
        'kv/put',
        { key: encode('ids'), value: '' },
        signal,
      );
      return Number(header.revision);
    },
    [Symbol.asyncDispose]: async () => api.close(),
  };
});

/** Reads, works out what to write, and writes it if nothing that was read has changed. `undefined`: nothing is to be written. */
async function change(
  api: Api,
  places: readonly string[],
  settings: Settings,
  signal: AbortSignal,
  next: (values: readonly (number | undefined)[]) => readonly number[] | undefined,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await readNumbers(api, places, settings, signal);
    const values = next(found.map(({ value }) => value));
    if (values === undefined) return false;
    const answer = await api.ask<{ succeeded?: boolean }>(
      'kv/txn',
      {
        compare: places.map((place, i) => ({
          key: encode(place),
          target: 'MOD',
          result: 'EQUAL',
          mod_revision: found[i]?.revision ?? '0',
        })),
        success: places.map((place, i) => ({
          request_put: { key: encode(place), value: encode(`${values[i]}`) },
        })),
      },
      signal,
    );
    if (answer.succeeded === true) return true;
  }
  throw new NotApplied(`others got in the way ${TRIES} times`);
}

/** All of them at one revision. */
async function readNumbers(
  api: Api,
  places: readonly string[],
  { options }: Settings,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const serializable = options['reads'] === 'serializable';
  const answer = await api.ask<{
    responses: readonly { response_range: { kvs?: readonly { value: string; mod_revision: string }[] } }[];
  }>(
    'kv/txn',
    { success: places.map((place) => ({ request_range: { key: encode(place), serializable } })) },
    signal,
  );
  return answer.responses.map(({ response_range: { kvs = [] } }) => ({
    value: kvs[0] && Number(decode(kvs[0].value)),
    revision: kvs[0]?.mod_revision ?? '0',
  }));
}
