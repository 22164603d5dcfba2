import { readFileSync } from 'node:fs';
import type { Fault } from '../../harness/fault.ts';
import type { Runtime } from '../../harness/runtime.ts';
import { supportOf } from '../../harness/cli/support.ts';

/** By runtime and fault, in milliseconds: until it is in force and seen to be; until it is healed and seen to be. */
export type Costs = Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>;

/** What `bench/faults.ts` has measured, and written down with `--write`. */
export const measured = JSON.parse(
  readFileSync(new URL('../../docs/reference/fault-costs.json', import.meta.url), 'utf8'),
) as Costs;

/** docs/reference/faults.md, from what faults and runtimes say of themselves, and what they were measured to cost. */
export function page(faults: readonly Fault[], runtimes: readonly Runtime[], costs: Costs): string {
  return `# The faults

Every fault that comes with Labrys, where it can be done, through what, and how it is seen to take effect. \`npx labrys doctor\` says the
same of the machine that it is run on. Written by \`npm run docs\` from the faults’ own files; a test holds the two equal.

A fault that no probe saw take effect is counted as such, and the run that it was for is \`undecided\`. Whatever was done is undone
when the fault ends, on Ctrl-C, and where the harness is killed.

## What there is

${table(
  ['fault', 'what it does', 'variants', ...runtimes.map(({ name }) => code(name))],
  faults.map((fault) => [
    code(fault.name),
    fault.asks === undefined
      ? fault.about
      : `${fault.about}; of a system that gives its ${fault.asks.map(code).join(', ')}`,
    fault.variants.map(code).join(' ') || 'as the system has them',
    ...runtimes.map((runtime) => (supportOf(fault, runtime).works ? '✓' : '–')),
  ]),
)}
## How it is done, and seen

What it costs is in milliseconds: until it is in force and a probe has seen it, and until it is healed and a probe has seen that. Medians of five, of
one node of three that do nothing else, on two cores; most of it is the probe, which looks at several nodes and waits for what takes a while
to show. \`node bench/faults.ts\` measures it again. What cuts, delays and clocks cost without their probes is in [the benchmarks](../benchmarks.md).

${table(
  ['fault', 'seen by', 'cost', ...runtimes.map(({ name }) => `on ${code(name)}`)],
  faults.map((fault) => [
    code(fault.name),
    fault.proof ?? '',
    cost(fault, costs),
    ...runtimes.map((runtime) => {
      const { works, detail } = supportOf(fault, runtime);
      return works ? detail : `no: ${detail}`;
    }),
  ]),
)}`;
}

/** `local 12 + 40, docker 60 + 350`. */
const cost = ({ name }: Fault, costs: Costs): string =>
  Object.entries(costs)
    .flatMap(([runtime, { [name]: one }]) => (one === undefined ? [] : `${runtime} ${one.join(' + ')}`))
    .join(', ');

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
