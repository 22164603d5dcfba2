import type { Fault } from '../../harness/fault.ts';
import type { Runtime } from '../../harness/runtime.ts';
import { supportOf } from '../../harness/cli/support.ts';

/** docs/reference/faults.md, from what faults and runtimes say of themselves. */
export function page(faults: readonly Fault[], runtimes: readonly Runtime[]): string {
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

${table(
  ['fault', 'seen by', ...runtimes.map(({ name }) => `on ${code(name)}`)],
  faults.map((fault) => [
    code(fault.name),
    fault.proof ?? '',
    ...runtimes.map((runtime) => {
      const { works, detail } = supportOf(fault, runtime);
      return works ? detail : `no: ${detail}`;
    }),
  ]),
)}`;
}

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
