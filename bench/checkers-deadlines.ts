/**
 * How late checkers are when time is up, which they may be by 100 ms, with the answer asserted.
 *
 *     node bench/checkers-deadlines.ts [rows] [--operations 1000000] [--where]
 *
 * Each judges a valid history once to its end, which shows the longest it ever went without a look at the clock (`--where` says
 * where that ended), and then again and again with less time than that takes. All time is the processor's, so that other work on the
 * machine does not count. Histories come from `checkers/src/generate/judged.ts`.
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import type { CheckContext, Verdict } from 'knossos-js';
import { judged } from '../checkers/src/generate/judged.ts';

const PROMISED_MS = 100;
const SHARES = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { operations: { type: 'string' }, where: { type: 'boolean' } },
});
const [wanted = ''] = positionals;
const operations = Number(values.operations ?? 1e6);
const processor = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let late = 0;
for (const { name, checker, history: make, most = Infinity } of judged) {
  if (!name.includes(wanted)) continue;
  const history = make(Math.min(operations, most));
  const check = async (context: Pick<CheckContext, 'deadline' | 'now'>): Promise<Verdict> =>
    checker.check(history, { ...context, memoryBytes: 4e9 });

  const began = processor();
  let looked = began;
  const longest = { ms: 0, where: '' };
  const look = (): number => {
    const now = processor();
    if (now - looked > longest.ms) {
      longest.ms = now - looked;
      if (values.where) longest.where = (new Error('here').stack ?? '').split('\n').slice(2, 7).join('\n');
    }
    return (looked = processor());
  };
  const whole = await check({ deadline: Infinity, now: look });
  const ended = processor() - looked;
  const took = processor() - began;
  assert.equal(whole.valid, true, `${name}: ${whole.because}`);

  let worst = { ms: -Infinity, share: 0 };
  for (const share of SHARES) {
    const deadline = processor() + share * took;
    const verdict = await check({ deadline, now: processor });
    const ms = processor() - deadline;
    assert.notEqual(verdict.valid, false);
    if (verdict.valid === 'unknown' && ms > worst.ms) worst = { ms, share };
  }
  if (worst.ms > PROMISED_MS) late++;
  console.log(
    `${name}, ${history.length} operations, ${took.toFixed(0)} ms: ${worst.share === 0 ? 'never stopped' : `at most ${worst.ms.toFixed(0)} ms late (after ${100 * worst.share} % of its time)`}, promised ${PROMISED_MS}; ` +
      `longest between looks ${longest.ms.toFixed(0)} ms, ${ended.toFixed(0)} ms after the last`,
  );
  if (values.where) console.log(longest.where);
}
assert.equal(late, 0, `${late} checkers are late`);
