/**
 * How fast histories of registers, containers, sets and locks are judged, each with its answer asserted inside the timing.
 *
 *     node bench/checkers-linearizable.ts [rows]
 *
 * `rows` picks by name; without it all run, which takes a minute. Times are of one thread, after loading, the best of three where something
 * is promised; processor time stands beside, since a busy machine stretches the other. Histories come from
 * `checkers/src/generate`, seeded; those of compare-and-set over few values are the classic hard case.
 */
import { strict as assert } from 'node:assert';
import {
  casRegister,
  linearizable,
  models,
  printEvent,
  readColumns,
  readJsonl,
  writeColumns,
  type HistoryEvent,
} from 'knossos-js';
import { containerHistory } from '../checkers/src/generate/container-history.ts';
import { setHistory } from '../checkers/src/generate/set-history.ts';
import { lockHistory } from '../checkers/src/generate/lock-history.ts';
import { registerHistory, type RegisterLoad } from '../checkers/src/generate/register-history.ts';

interface Row {
  readonly name: string;
  readonly load: RegisterLoad;
  readonly valid?: boolean;
  /** Milliseconds that are promised. */
  readonly promised?: number;
  readonly times?: number;
}

const few = { cas: true, values: 5, seed: 1 } as const;
const rows: readonly Row[] = [
  {
    name: 'register, unique, 1 key, 1 M, 30 clients, 5 % crashed',
    load: { operations: 1e6, clients: 30, crashed: 0.05, seed: 1 },
    promised: 150,
    times: 3,
  },
  {
    name: 'kv, unique, 1,000 keys, 1 M, 30 clients',
    load: { operations: 1e6, clients: 30, keys: 1000, seed: 1 },
    promised: 130,
    times: 3,
  },
  {
    name: 'kv, unique, 10 keys by Zipf, 1 M, 10 clients',
    load: { operations: 1e6, clients: 10, keys: 10, zipf: 1, seed: 1 },
    times: 3,
  },
  {
    name: 'stale read, 1 key, 100 k, 30 clients',
    load: { operations: 1e5, clients: 30, stale: 1, seed: 1 },
    valid: false,
  },
  {
    name: 'compare-and-set, unique, 100 k, 10 clients',
    load: { operations: 1e5, clients: 10, cas: true, seed: 1 },
  },
  { name: 'compare-and-set of 5 values, 100 k, 5 clients', load: { ...few, operations: 1e5, clients: 5 } },
  {
    name: 'compare-and-set of 5 values, 100 k, 10 clients',
    load: { ...few, operations: 1e5, clients: 10 },
    promised: 200,
    times: 3,
  },
  { name: 'compare-and-set of 5 values, 10 k, 30 clients', load: { ...few, operations: 1e4, clients: 30 } },
  {
    name: 'compare-and-set of 5 values, 1 k, 30 clients, 5 % crashed',
    load: { ...few, operations: 1e3, clients: 30, crashed: 0.05 },
  },
  {
    name: 'compare-and-set of 5 values, 10 k, 5 clients, 5 % crashed',
    load: { ...few, operations: 1e4, clients: 5, crashed: 0.05 },
  },
];

const context = () => ({
  deadline: performance.now() + 60_000,
  now: () => performance.now(),
  memoryBytes: 2e9,
});
const wanted = process.argv[2] ?? '';

function report(
  name: string,
  operations: number,
  promised: number | undefined,
  work: () => void,
  times = 1,
): void {
  let best = Infinity;
  let processor = Infinity;
  for (let i = 0; i < times; i++) {
    const before = process.cpuUsage();
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
    processor = Math.min(processor, process.cpuUsage(before).user / 1000);
  }
  const rate = (operations / best / 1000).toFixed(2);
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  const goal = promised === undefined ? '' : `, promised ${promised} ms`;
  process.stdout.write(
    `${name}: ${best.toFixed(0)} ms (processor ${processor.toFixed(0)} ms${goal}), ${rate} M operations/s, ${rss} MB resident\n`,
  );
}

for (const { name, load, valid = true, promised, times } of rows) {
  if (!name.includes(wanted)) continue;
  const { history } = registerHistory(load);
  report(
    name,
    history.length,
    promised,
    () => {
      const verdict = linearizable(casRegister, { proof: false }).check(history, context());
      assert('valid' in verdict && verdict.valid === valid);
    },
    times,
  );
}

const million = { operations: 1e6, clients: 30, seed: 1 } as const;
for (const kind of ['queue', 'stack', 'priority-queue', 'set', 'lock', 'mutex'] as const)
  for (const crashed of [0, 0.01]) {
    // Who crashes while he holds a lock ends its history.
    if (kind === 'lock' && crashed > 0) continue;
    const name = `${kind}, unique, 1 M, 30 clients, ${100 * crashed} % crashed`;
    if (!name.includes(wanted)) continue;
    const load = { ...million, crashed };
    const history =
      kind === 'set'
        ? setHistory(load)
        : kind === 'lock' || kind === 'mutex'
          ? lockHistory({ ...load, owned: kind === 'lock' })
          : containerHistory({ kind, ...load });
    const checker = linearizable(models.get(kind)!, { proof: false });
    const judge = (): void => {
      const verdict = checker.check(history, context());
      assert('valid' in verdict && verdict.valid === true);
    };
    report(name, history.length, 1000, judge, 3);
  }

/** The events of a history, in order. */
function events(load: RegisterLoad): HistoryEvent[] {
  const { history } = registerHistory(load);
  const all: HistoryEvent[] = [];
  for (const {
    process: client,
    f,
    key,
    call,
    callTime,
    return: returned,
    returnTime,
    input,
    output,
    outcome,
  } of history) {
    const common = { process: client, f, ...(key !== undefined && { key }) };
    all[call] = {
      index: call,
      time: callTime,
      ...common,
      type: 'invoke',
      ...(input !== undefined && { value: input }),
    };
    if (returned !== Infinity)
      all[returned] = {
        index: returned,
        time: returnTime,
        ...common,
        type: outcome,
        ...(output !== undefined && { value: output }),
      };
  }
  return all;
}

const loading = ['loading history.jsonl, 1 M', 'loading history.columns, 1 M'] as const;
if (loading.some((name) => name.includes(wanted))) {
  const bytes = new TextEncoder().encode(
    events({ operations: 1e6, clients: 30, keys: 100, seed: 1 })
      .map((event) => `${printEvent(event)}\n`)
      .join(''),
  );
  report(loading[0], 1e6, 800, () => assert.equal(readJsonl(bytes).history.length, 1e6), 3);
  const columns = writeColumns(readJsonl(bytes), { bytes: bytes.length, hash: '' });
  assert(columns);
  report(loading[1], 1e6, 150, () => assert.equal(readColumns(columns)?.history.length, 1e6), 3);
}
