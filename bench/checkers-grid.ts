/**
 * The hard case of linearizability, in 27 cells: one compare-and-set register of five values, by operations, clients and the
 * share of operations that crash. All histories are legal; each gets 60 s of processor time and 2 GB.
 *
 *     node bench/checkers-grid.ts [cells [seed]]
 *
 * `cells` picks by name (`10000 × 30`). An answer that is wrong ends the program; at most two cells may stay unknown when all
 * are asked for, which takes some minutes. Time is the processor's, so that other work on the machine does not count.
 */
import { strict as assert } from 'node:assert';
import { casRegister, linearizable, type Verdict } from 'knossos-js';
import { registerHistory } from '../checkers/src/generate/register-history.ts';

const [wanted = '', seed = '1'] = process.argv.slice(2);
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let unknown = 0;
for (const operations of [1e3, 1e4, 1e5])
  for (const clients of [5, 10, 30])
    for (const crashed of [0, 0.01, 0.05]) {
      const name = `${operations} × ${clients} clients × ${100 * crashed} % crashed`;
      if (!name.includes(wanted)) continue;
      const { history } = registerHistory({
        operations,
        clients,
        crashed,
        values: 5,
        cas: true,
        seed: Number(seed),
      });
      const began = processor();
      const verdict = linearizable(casRegister, { proof: false }).check(history, {
        deadline: began + 60_000,
        now: processor,
        memoryBytes: 2e9,
      }) as Verdict;
      const took = (processor() - began).toFixed(0);
      const resident = Math.round(process.memoryUsage().rss / 2 ** 20);
      console.log(
        `${name}: ${verdict.valid} in ${took} ms, ${verdict.facts['explored']} configurations, ${resident} MB resident`,
      );
      assert.notEqual(verdict.valid, false);
      if (verdict.valid === 'unknown') {
        unknown++;
        console.log(`  ${verdict.because}`);
      }
    }
if (wanted === '') assert(unknown <= 2, `${unknown} cells are unknown`);
