/**
 * What it costs to make a program's clocks wrong: `node bench/clock.ts`. The program, a Node of its own, tells its time after
 * each round, which has to be what was set. Medians, and the best: stopping a program takes as long as its threads have to wait for
 * a processor, so that on a busy machine the best alone says what is ours.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { memoryOf } from '../harness/provision/clock/local-memory.ts';
import { BentProcess } from '../harness/provision/clock/process.ts';
import { bend, truth } from '../harness/provision/clock/segments.ts';

const rounds = 15;
const changes = 200;
const program = 'process.stdin.on("data", () => console.log(Date.now()))';

const firsts: number[] = [];
const laters: number[] = [];
for (let round = 0; round < rounds; round++) {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (): Promise<number> => {
    child.stdin.write('\n');
    return Number((await lines.next()).value);
  };
  await ask();
  const now = (): bigint => BigInt(Date.now()) * 1_000_000n;

  let began = performance.now();
  const bent = await BentProcess.find(memoryOf(child.pid as number));
  await bent.enter();
  await bent.show('wall', bend(truth, { aheadMs: 60_000 }, now()));
  firsts.push(performance.now() - began);
  assert(Math.abs((await ask()) - Date.now() - 60_000) < 1_000, 'the clock is not where it was put');

  began = performance.now();
  for (let i = 1; i <= changes; i++) await bent.show('wall', bend(truth, { aheadMs: -1_000 * i }, now()));
  laters.push((performance.now() - began) / changes);
  assert(Math.abs((await ask()) - Date.now() + 1_000 * changes) < 1_000, 'the clock is not where it was put');
  bent.close();
  child.kill();
  await once(child, 'exit');
}

const sorted = (times: number[]): number[] => times.toSorted((a, b) => a - b);
const [best = Infinity] = sorted(firsts);
const median = (times: number[]): number => sorted(times)[times.length >> 1] as number;
console.log(
  `first change of a running Node's clock: ${median(firsts).toFixed(2)} ms, at best ${best.toFixed(2)} (promised 5)`,
);
console.log(`later changes: ${median(laters).toFixed(4)} ms (promised 0.1)`);
assert(best < 5 && median(laters) < 0.1, 'slower than promised');
