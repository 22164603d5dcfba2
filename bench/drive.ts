/**
 * How many operations a second the driver can ask, with the history on disk: generator, driver and recorder together,
 * against a register in this process, from 100 clients as fast as replies come. Jepsen's peak is said to be 50,000.
 *
 *     node bench/drive.ts [seconds]
 *
 * Every answer comes in a later turn of the event loop than its question, as over a network, so that all clients have an
 * operation under way. The figure counts only if the history is complete and linearizable.
 */
import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJsonl, type Operations } from 'knossos-js';
import { clientFor } from '../harness/client.ts';
import { drive } from '../harness/drive/drive.ts';
import { drawPlan } from '../harness/plan/draw.ts';
import { openRecorder } from '../harness/record/recorder.ts';
import type { Cluster, Node } from '../harness/runtime.ts';
import { defineSystem } from '../harness/system.ts';
import { realTime } from '../harness/time-real.ts';
import type { Workload } from '../harness/workload.ts';
import register from '../workloads/register.ts';

const target = 50_000;
const seconds = Number(process.argv[2] ?? 5);

const stored = new Map<unknown, number>();
/** Answers that wait for the next turn. */
let waiting: (() => void)[] = [];
const later = <T>(answer: () => T): Promise<T> =>
  new Promise((resolve) => {
    if (waiting.push(() => resolve(answer())) > 1) return;
    setImmediate(() => {
      const due = waiting;
      waiting = [];
      for (const act of due) act();
    });
  });

const system = defineSystem({
  name: 'in-process',
  ports: {},
  recipe: () => ({ command: [] }),
  ready: async () => {},
  clients: [
    clientFor(register, () => ({
      read: ({ key }) => later(() => stored.get(key) ?? null),
      write: ({ key, value }) => later(() => void stored.set(key, value)),
      cas: ({ key, value: [from, to] }) =>
        later(() => {
          if (stored.get(key) !== from) return false;
          stored.set(key, to);
          return true;
        }),
    })),
  ],
});

const node: Node = {
  name: 'n1',
  address: (port) => `n1:${port}`,
  start: async () => {},
  kill: async () => {},
  pause: async () => {},
  resume: async () => {},
  state: async () => 'running',
  lastLines: () => [],
};
const cluster: Cluster = {
  nodes: [node],
  network: { setCuts: async () => {}, probe: async (links) => links.map(() => true) },
  [Symbol.asyncDispose]: async () => {},
};

const folder = mkdtempSync(join(tmpdir(), 'labrys-bench-'));
try {
  const plan = drawPlan({
    now: new Date(0),
    seed: 1,
    system: { asked: 'in-process', name: 'in-process', size: 1 },
    options: {},
    workload: { name: 'register', options: { ...register.defaults }, final: false },
    runtime: 'local',
    faults: [],
    clients: 100,
    rate: 'max',
    ms: seconds * 1000,
    versions: {},
  });
  const time = realTime();
  const recorder = openRecorder(folder, time);
  const {
    operations,
    loop,
    failure,
    seconds: took,
  } = await drive({
    plan,
    system,
    settings: { options: {}, bug: undefined, runtime: 'local' },
    // The driver takes any workload, and hands each client only operations of the one that it was bound to.
    workload: register as unknown as Workload<Operations, Record<string, unknown>>,
    faults: [],
    cluster,
    time,
    recorder,
    log: () => {},
    signal: new AbortController().signal,
  });
  recorder.close();
  const rate = Math.round(operations.invoked / took);

  assert.equal(failure, undefined);
  const path = join(folder, 'history.jsonl');
  const { history, torn } = readJsonl(readFileSync(path));
  assert.equal(torn, undefined);
  assert.equal(history.length, operations.invoked, 'every operation is in the history');
  assert.equal(operations.ok, operations.invoked, 'every operation was answered');
  assert.ok(history.outcome.every((code) => code === 0));
  assert.ok(history.returnTime.every(Number.isFinite));
  const checks = register.checkers(register.defaults);
  for (const checker of checks) {
    const now = (): number => performance.now();
    const verdict = await checker.check(history as never, {
      deadline: now() + 60_000,
      now,
      memoryBytes: 2 ** 30,
    });
    assert.equal(
      verdict.valid,
      true,
      `${checker.name}: ${verdict.because ?? JSON.stringify(verdict.anomalies[0])}`,
    );
  }
  const megabytes = Math.round(statSync(path).size / 1e6);
  console.log(
    `drive: ${rate.toLocaleString('en')} operations/s over ${took.toFixed(1)} s at concurrency ${plan.clients}; ` +
      `${megabytes} MB of history, complete and linearizable; event loop late by p99 ${loop.p99Ms} ms, at most ${loop.maxMs} ms`,
  );
  assert.ok(rate >= target, `${rate} operations/s is less than ${target}`);
} finally {
  rmSync(folder, { recursive: true });
}
