import type { Asked, Examined } from './trials.ts';

/** docs/reference/museum.md. */
export function page(examined: readonly Examined[], { seed, runs, runtime }: Asked): string {
  const of = (role: Examined['role']): readonly Examined[] => examined.filter((one) => one.role === role);
  const often = (role: Examined['role']): number =>
    of(role).filter(({ found }) => found >= 0.8 * runs).length;
  const correct = of('clean');
  const cleanRuns = correct.reduce((sum, one) => sum + one.runs, 0);
  const accused = correct.reduce((sum, one) => sum + one.found, 0);
  return `# The museum of bugs

Every protocol of ours carries mistakes that real implementations have made, each behind \`--bug\`, and the tester has to find
each of them; and some protocols have flaws of their own, which it has to find without any bug. The correct protocol it must
never accuse. \`npm run calibrate\` runs them all, and wrote this page: seeds ${seed} to ${seed + runs - 1}, \`--runtime ${runtime}\`.
The command is that of the first run that found it; what it takes is from the command to the verdict, the median, on the machine
that wrote this.

${of('bug').length} bugs, ${often('bug')} of them found in at least four of five runs. ${cleanRuns} runs of correct protocols, ${accused} accused.

## Seeded bugs

${table(['protocol', '`--bug`', 'the mistake', 'shown by', 'found', 'took', 'command'], of('bug').map(row))}
## Flaws of protocols

What correct implementations do wrong, because the protocol does.

${table(['protocol', 'flaw', 'what it is', 'shown by', 'found', 'took', 'command'], of('flaw').map(row))}
## Correct protocols

${table(
  ['protocol', 'accused', 'passed', 'first command'],
  correct.map(({ protocol, found, passed, runs: n, command }) => [
    link(protocol),
    `${found} of ${n}`,
    `${passed} of ${n}`,
    code(command),
  ]),
)}`;
}

function row({ protocol, what, about, kinds, found, runs, medianSeconds, command }: Examined): string[] {
  const took = medianSeconds === undefined ? '–' : `${medianSeconds.toFixed(1)} s`;
  return [
    link(protocol),
    code(what),
    about,
    kinds.join(', ') || '–',
    `${found} of ${runs}`,
    took,
    code(command),
  ];
}

const link = (protocol: string): string => `[${protocol}](../../docker/${protocol}/README.md)`;
const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}
