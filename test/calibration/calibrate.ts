/**
 * `npm run calibrate [-- --seed n] [--runs n] [--only protocol,…] [--runtime sim|local]`
 *
 * The tester's own examination: runs every seeded bug of every protocol, every known flaw, and every correct protocol, as a
 * user would, prints what was found, and writes docs/reference/museum.md where all were run in the simulation. Protocols are
 * found by listing `docker/<name>/museum.ts`. Exits with 1 where an exhibit was never found, or a correct protocol was accused.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { museums, root } from './museums.ts';
import { page } from './page.ts';
import { examine, type Examined } from './trials.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    runtime: { type: 'string', default: 'sim' },
  },
});
const whole = (flag: string, text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`--${flag} takes a whole number, and got ${JSON.stringify(text)}`);
  return Number(text);
};
const runtime = values.runtime;
const asked = { seed: whole('seed', values.seed), runs: whole('runs', values.runs), runtime };

const only = values.only?.split(',');
const chosen = (await museums()).filter(({ protocol }) => only?.includes(protocol) ?? true);
if (chosen.length === 0) throw new Error(`--only ${values.only}: no protocol of that name has a museum`);

const examined: Examined[] = [];
for (const museum of chosen)
  for await (const one of examine(museum, asked)) {
    examined.push(one);
    const { protocol, what, found, runs, medianSeconds, kinds } = one;
    const took = medianSeconds === undefined ? '' : `${medianSeconds.toFixed(1)} s`;
    process.stdout.write(
      `${one.good ? '✓' : '✗'} ${protocol.padEnd(20)} ${what.padEnd(28)} ${`${found} of ${runs}`.padEnd(8)} ${took.padEnd(8)} ${kinds.join(', ')}\n`,
    );
  }

const bad = examined.filter(({ good }) => !good).length;
process.stdout.write(`${examined.length - bad} of ${examined.length} as they should be\n`);
if (only === undefined && runtime === 'sim') {
  const file = join(root, 'docs/reference/museum.md');
  writeFileSync(file, page(examined, asked));
  process.stdout.write(`wrote ${file}\n`);
}
process.exitCode = bad > 0 ? 1 : 0;
