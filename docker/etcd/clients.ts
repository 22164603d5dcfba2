import { clientFor, type Connection, type Settings } from '../../harness/index.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import { type Api, connectTo, decode, encode } from './api.ts';

interface Range {
  readonly kvs?: readonly { readonly key: string; readonly value?: string }[];
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
