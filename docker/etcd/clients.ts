import type { Key, MicroOperation } from 'knossos-js';
import { clientFor, NotApplied, type Connection, type Settings } from '../../harness/index.ts';
import listAppend from '../../workloads/list-append.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import { type Api, connectTo, decode, encode } from './api.ts';

interface Range {
  readonly kvs?: readonly {
    readonly key: string;
    readonly value?: string;
    readonly mod_revision?: string;
  }[];
}

const place = (key: string | number): string => encode(`register/${key}`);

/** A register is a key. */
export const registerClient = clientFor(register, ({ node, settings }: Connection) => {
  const api = connectTo(node.address('client'));
  return {
    async read({ key, signal }) {
      const { kvs = [] } = await range(api, { key: place(key) }, settings, signal);
      return kvs[0] === undefined ? null : Number(decode(kvs[0].value ?? ''));
    },
    async write({ key, value, signal }) {
      await api.ask('kv/put', { key: place(key), value: encode(`${value}`) }, signal);
    },
    /** By value, not by revision: a client that compared revisions would have to read first. */
    async cas({ key, value: [from, to], signal }) {
      const answer = await api.ask<{ succeeded?: boolean }>(
        'kv/txn',
        {
          compare: [{ key: place(key), target: 'VALUE', result: 'EQUAL', value: encode(`${from}`) }],
          success: [{ request_put: { key: place(key), value: encode(`${to}`) } }],
        },
        signal,
      );
      return answer.succeeded === true;
    },
    [Symbol.asyncDispose]: async () => api.close(),
  };
});

/** A set is a prefix, an element a key: adding one asks nothing of the others. One range reads it at one revision. */
export const setClient = clientFor(set, ({ node, settings }: Connection) => {
  const api = connectTo(node.address('client'));
  return {
    async add({ key, value, signal }) {
      await api.ask('kv/put', { key: encode(`set/${key}/${value}`), value: '' }, signal);
    },
    async read({ key, signal }) {
      // `0` follows `/`, so that the range ends where the prefix does.
      const all = { key: encode(`set/${key}/`), range_end: encode(`set/${key}0`), keys_only: true };
      const { kvs = [] } = await range(api, all, settings, signal);
      return kvs.map((kv) => Number(decode(kv.key).split('/').at(-1)));
    },
    [Symbol.asyncDispose]: async () => api.close(),
  };
});

function range(api: Api, what: object, { options }: Settings, signal: AbortSignal): Promise<Range> {
  return api.ask('kv/range', { ...what, serializable: options['reads'] === 'serializable' }, signal);
}

/** So often a transaction that another got in the way of is tried anew. Giving up then is certain: nothing was written. */
const TRIES = 5;

/**
 * A list is a key. etcd's transactions cannot append, so what a transaction writes is worked out from what it reads, and
 * committed only if nothing of that has changed meanwhile: as etcd's own `concurrency.STM` does.
 */
export const listAppendClient = clientFor(listAppend, ({ node, settings }: Connection) => {
  const api = connectTo(node.address('client'));
  return {
    async txn({ value: steps, signal }) {
      for (let tries = 0; tries < TRIES; tries++) {
        const found = await readLists(api, steps, settings, signal);
        const lists = new Map([...found].map(([key, { list }]) => [key, list]));
        const done = steps.map((step): MicroOperation => {
          const [f, key, element] = step;
          const list = lists.get(key) ?? [];
          if (f === 'r') return [f, key, list];
          lists.set(key, [...list, element]);
          return step;
        });
        if (steps.every(([f]) => f === 'r') || (await commit(api, steps, found, lists, signal))) return done;
      }
      throw new NotApplied(`others got in the way ${TRIES} times`);
    },
    [Symbol.asyncDispose]: async () => api.close(),
  };
});

interface FoundList {
  readonly list: readonly unknown[];
  /** Of the list's last change; 0 while there is none. */
  readonly revision: string;
}

const listPlace = (key: Key): string => encode(`list/${key}`);

/** Every list that the transaction touches, all of them at one revision. */
async function readLists(
  api: Api,
  steps: readonly MicroOperation[],
  { options }: Settings,
  signal: AbortSignal,
): Promise<ReadonlyMap<Key, FoundList>> {
  const keys = [...new Set(steps.map(([, key]) => key))];
  const serializable = options['reads'] === 'serializable';
  const answer = await api.ask<{ responses: readonly { response_range: Range }[] }>(
    'kv/txn',
    { success: keys.map((key) => ({ request_range: { key: listPlace(key), serializable } })) },
    signal,
  );
  return new Map(
    keys.map((key, i) => {
      const kv = answer.responses[i]?.response_range.kvs?.[0];
      const list = kv === undefined ? [] : (JSON.parse(decode(kv.value ?? '')) as unknown[]);
      return [key, { list, revision: kv?.mod_revision ?? '0' }];
    }),
  );
}

async function commit(
  api: Api,
  steps: readonly MicroOperation[],
  found: ReadonlyMap<Key, FoundList>,
  lists: ReadonlyMap<Key, readonly unknown[]>,
  signal: AbortSignal,
): Promise<boolean> {
  const written = new Set(steps.flatMap(([f, key]) => (f === 'r' ? [] : [key])));
  const answer = await api.ask<{ succeeded?: boolean }>(
    'kv/txn',
    {
      compare: [...found].map(([key, { revision }]) => ({
        key: listPlace(key),
        target: 'MOD',
        result: 'EQUAL',
        mod_revision: revision,
      })),
      success: [...written].map((key) => ({
        request_put: { key: listPlace(key), value: encode(JSON.stringify(lists.get(key))) },
      })),
    },
    signal,
  );
  return answer.succeeded === true;
}
