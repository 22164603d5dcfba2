import { styleText } from 'node:util';
import type { Diagnosis } from '../../runtime.ts';
import { allFaults, supportOf, type Support } from '../support.ts';
import { readConfig } from '../config.ts';
import { runtimes as everyRuntime, upkeep } from '../world.ts';
import { leftovers } from './clean.ts';

/** `labrys doctor`: tries in scratch places what this machine can do, and says what to install for the rest. */
export async function doctor(options: { json?: boolean; config?: string }): Promise<number> {
  const runtimes: Record<string, readonly Diagnosis[]> = {};
  for (const { name, keep } of await upkeep((await readConfig(options.config)).ssh))
    runtimes[name] = await keep.diagnose();
  const faults = await faultsOn(runtimes);
  const { found, unseen } = await leftovers(options.config);
  const left = found.map(({ what, run, inUse }) => ({ what, run, inUse }));
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ runtimes, faults, leftovers: left, unseen })}\n`);
    return 0;
  }
  for (const [name, lines] of Object.entries(runtimes)) {
    process.stdout.write(`${name}\n`);
    for (const line of lines) process.stdout.write(said(line));
    process.stdout.write(listed(faults[name] ?? {}));
  }
  for (const line of unseen) process.stdout.write(`\nCould not see ${line}\n`);
  const dead = left.filter(({ inUse }) => !inUse);
  if (dead.length > 0) {
    process.stdout.write(
      `\nLeft by runs that were killed:\n${dead.map(({ what }) => `  ${what}\n`).join('')}`,
    );
    process.stdout.write('Remove it with: npx labrys clean\n');
  }
  return 0;
}

type Faults = Readonly<Record<string, Support>>;

/** Per runtime and fault, by what was tried. */
async function faultsOn(
  tried: Readonly<Record<string, readonly Diagnosis[]>>,
): Promise<Readonly<Record<string, Faults>>> {
  const faults = await allFaults();
  const on = (await everyRuntime()).map((runtime) => [
    runtime.name,
    Object.fromEntries(faults.map((fault) => [fault.name, supportOf(fault, runtime, tried[runtime.name])])),
  ]);
  return Object.fromEntries(on) as Record<string, Faults>;
}

/** Those that work in one line, the others by their reasons. */
function listed(faults: Faults): string {
  const byReason = Map.groupBy(Object.entries(faults), ([, { works, detail }]) => (works ? '' : detail));
  return [...byReason]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, some]) => {
      const names = some.map(([name]) => name).join(', ');
      return said(
        reason === ''
          ? { what: 'faults', works: true, detail: names }
          : { what: names, works: false, detail: reason },
      );
    })
    .join('');
}

function said({ what, works, detail, hint }: Diagnosis): string {
  const glyph = works
    ? styleText('green', '✓', { stream: process.stdout })
    : styleText('red', '✗', { stream: process.stdout });
  return `  ${glyph} ${what}: ${detail}\n${!works && hint !== undefined ? `      ${hint}\n` : ''}`;
}
