import type { Key, MicroOperation } from 'knossos-js';
import { clientFor, type ClientBinding, type Connection } from '../../harness/index.ts';
import bank, { OPENING } from '../../workloads/bank.ts';
import counter from '../../workloads/counter.ts';
import listAppend from '../../workloads/list-append.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import uniqueIds from '../../workloads/unique-ids.ts';
import type { Command, Reply } from './connection.ts';
import type { Store } from './store.ts';

/** Redis has a type for nearly everything that the workloads ask; what it has no command for is a script, which runs alone. */
export function clientsOf(openStore: (connection: Connection) => Store): readonly ClientBinding[] {
  return [
    clientFor(register, (connection) => {
      const store = openStore(connection);
      const place = (key: Key): string => `register/${key}`;
      return {
        read: async ({ key, signal }) => numberIn(await store.ask(key, ['GET', place(key)], signal)),
        write: async ({ key, value, signal }) =>
          void (await store.write(key, ['SET', place(key), `${value}`], signal)),
        cas: async ({ key, value: [from, to], signal }) =>
          (await store.write(key, script(COMPARE_AND_SET, [place(key)], [from, to]), signal)) === 1,
        [Symbol.asyncDispose]: async () => store.close(),
      };
    }),
    clientFor(set, (connection) => {
      const store = openStore(connection);
      const place = (key: Key): string => `set/${key}`;
      return {
        add: async ({ key, value, signal }) =>
          void (await store.write(key, ['SADD', place(key), `${value}`], signal)),
        read: async ({ key, signal }) =>
          ((await store.ask(key, ['SMEMBERS', place(key)], signal)) as readonly string[]).map(Number),
        [Symbol.asyncDispose]: async () => store.close(),
      };
    }),
    clientFor(listAppend, (connection) => {
      const store = openStore(connection);
      return {
        async txn({ value: steps, signal }) {
          const commands = steps.map(([f, key, element]): Command => {
            // In braces: one slot for all of them, so that one server of a Cluster has them.
            const place = `{list}/${key}`;
            return f === 'r' ? ['LRANGE', place, '0', '-1'] : ['RPUSH', place, `${element as number}`];
          });
          const replies = await store.transaction('list', commands, signal);
          return steps.map((step, i): MicroOperation => {
            const [f, key] = step;
            return f === 'r' ? [f, key, (replies[i] as readonly string[]).map(Number)] : step;
          });
        },
        [Symbol.asyncDispose]: async () => store.close(),
      };
    }),
    clientFor(counter, (connection) => {
      const store = openStore(connection);
      const place = (key: Key): string => `counter/${key}`;
      return {
        read: async ({ key, signal }) => numberIn(await store.ask(key, ['GET', place(key)], signal)) ?? 0,
        add: async ({ key, value, signal }) =>
          void (await store.write(key, ['INCRBY', place(key), `${value}`], signal)),
        [Symbol.asyncDispose]: async () => store.close(),
      };
    }),
    clientFor(bank, (connection) => {
      const store = openStore(connection);
      const place = (key: Key): string => `bank/${key}`;
      return {
        async read({ key, value: accounts, signal }) {
          const all = Array.from({ length: accounts }, (_, account) => `${account}`);
          const balances = (await store.ask(key, ['HMGET', place(key), ...all], signal)) as readonly Reply[];
          return balances.map((balance) => numberIn(balance) ?? OPENING);
        },
        transfer: async ({ key, value, signal }) =>
          (await store.write(key, script(TRANSFER, [place(key)], [...value, OPENING]), signal)) === 1,
        [Symbol.asyncDispose]: async () => store.close(),
      };
    }),
    clientFor(uniqueIds, (connection) => {
      const store = openStore(connection);
      return {
        generate: async ({ signal }) => Number(await store.write('ids', ['INCR', 'ids'], signal)),
        [Symbol.asyncDispose]: async () => store.close(),
      };
    }),
  ];
}

const numberIn = (reply: Reply): number | null => (reply === null ? null : Number(reply));

const script = (text: string, keys: readonly string[], values: readonly number[]): Command => [
  'EVAL',
  text,
  `${keys.length}`,
  ...keys,
  ...values.map(String),
];

const COMPARE_AND_SET = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;

/** From, to, amount; and what an account holds that nobody has touched. */
const TRANSFER = `
local from = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or ARGV[4])
local to = tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or ARGV[4])
local amount = tonumber(ARGV[3])
if from < amount then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], from - amount, ARGV[2], to + amount)
return 1`;
