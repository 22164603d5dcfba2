/**
 * How fast a history is judged while it is being made, and what that holds on to, with the answer asserted.
 *
 *     node bench/checkers-monitor.ts [rows] [--operations 100000000]
 *
 * Events come from a simulation that goes on for as long as it is asked to and remembers nothing itself, so that all
 * growth of the process is the monitor's. It costs time too, which is measured alone first and stands beside. (Transactions are made
 * beforehand.)
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import { casRegister, listAppend, monitor, type HistoryEvent, type Monitor } from 'knossos-js';
import { simulatedTransactions } from '../checkers/src/generate/transaction-history.ts';
import { random } from './random.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { operations: { type: 'string' } },
});
const [wanted = ''] = positionals;
const asked = Number(values.operations ?? 5e6);

interface Row {
  readonly name: string;
  readonly monitor: () => Monitor;
  /** Makes ready whatever it needs, and returns what makes the events. */
  readonly events: (operations: number) => (see: (event: HistoryEvent) => void) => void;
  /** Operations a second, and megabytes of growth, that are promised. */
  readonly promised: { readonly rate: number; readonly megabytes?: number };
  /** No more operations than these, as they are made beforehand. */
  readonly most?: number;
}

const rows: readonly Row[] = [
  {
    name: 'register, unique values, 10 keys, 30 clients',
    monitor: () => monitor(casRegister),
    events: registers(30, 10),
    promised: { rate: 1e6, megabytes: 64 },
  },
  {
    name: 'list-append, 10 keys, 20 clients',
    monitor: () => monitor(listAppend()),
    events: lists(20),
    promised: { rate: 1e5 },
    most: 2e5,
  },
];

for (const row of rows) {
  if (!row.name.includes(wanted)) continue;
  const operations = Math.min(asked, row.most ?? asked);
  const make = row.events(operations);
  const alone = seconds(() => make(() => undefined));
  const watching = row.monitor();
  // What the runtime takes to work at all it has taken by then; from there on it may grow no more.
  const warm = Math.min(2e6, operations / 4);
  let seen = 0;
  let before = 0;
  let most = 0;
  const took = seconds(() =>
    make((event) => {
      watching.observe(event);
      if (event.type !== 'invoke') return;
      if (++seen === warm) before = most = process.memoryUsage.rss();
      else if (seen % 1e6 === 0) most = Math.max(most, process.memoryUsage.rss());
    }),
  );
  const growth = (most - before) / 2 ** 20;
  assert.equal(watching.verdict().valid, true);
  const rate = operations / (took - alone) / 1e6;
  const { rate: goal, megabytes } = row.promised;
  const bound = megabytes === undefined ? '' : ` (promised ${megabytes})`;
  process.stdout.write(
    `${row.name}, ${operations / 1e6} M: ${rate.toFixed(2)} M operations/s (promised ${goal / 1e6}), ${took.toFixed(1)} s of processor time with ${alone.toFixed(1)} s of making events; ` +
      `${growth.toFixed(0)} MB more at most${bound}, ${watching.remembered} things remembered\n`,
  );
}

function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Clients of registers, each always busy: half of what they do is read, and every write writes a new value. */
function registers(clients: number, keys: number): Row['events'] {
  return (operations) => (see) => {
    const next = random(1);
    const state = new Int32Array(keys);
    const stage = new Uint8Array(clients);
    const key = new Int32Array(clients);
    const value = new Int32Array(clients);
    let fresh = 1;
    let index = 0;
    for (let begun = 0, ended = 0; ended < operations;) {
      const process = next() % clients;
      const k = key[process] as number;
      const writes = (value[process] as number) > 0;
      const common = { index, time: index, process, f: writes ? 'write' : 'read', key: k };
      if (stage[process] === 0) {
        if (begun === operations) continue;
        begun++;
        const draw = next();
        key[process] = draw % keys;
        value[process] = draw & 1024 ? fresh++ : 0;
        const input = value[process] as number;
        index++;
        see({
          ...common,
          key: key[process] as number,
          f: input > 0 ? 'write' : 'read',
          type: 'invoke',
          ...(input > 0 && { value: input }),
        });
      } else if (stage[process] === 1) {
        if (writes) state[k] = value[process] as number;
        else value[process] = -(state[k] as number);
      } else {
        ended++;
        index++;
        if (writes) see({ ...common, type: 'ok' });
        else see({ ...common, type: 'ok', value: value[process] === 0 ? null : -(value[process] as number) });
      }
      stage[process] = ((stage[process] as number) + 1) % 3;
    }
  };
}

/** Transactions of one to four steps on lists, of which one is given up after 32 appends and begun anew. */
function lists(clients: number): Row['events'] {
  return (operations) => {
    const events: HistoryEvent[] = [];
    const rows = simulatedTransactions({ kind: 'append', transactions: operations, clients, seed: 1 });
    for (const { p: process, i, e, ops } of rows) {
      const common = { time: 0, process, f: 'txn' };
      const value = ops.map(([f, key, seen]) => [f, key, f === 'r' ? null : seen]);
      events[i] = { ...common, index: i, type: 'invoke', value };
      if (e !== null) events[e] = { ...common, index: e, type: 'ok', value: ops };
    }
    return (see) => {
      for (const event of events) see(event);
    };
  };
}
