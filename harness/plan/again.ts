import { printDuration } from './parse.ts';
import { usualQuorum, type PlanRequest } from './request.ts';

/** The command line that asks for the same again, seed and all; what was left to the defaults is left to them again. */
export function againLine(request: PlanRequest): string {
  const { system, workload, faults, options } = request;
  const pairs = (flag: string, given: Readonly<Record<string, string>>): string[] =>
    Object.entries(given).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const flag = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  return ['npx', 'labrys', 'test', system.asked, '-w', workload.asked ?? workload.name]
    .concat(
      flag('--nemesis', faults.map(named).join(',') || undefined),
      flag('--time', request.ms === undefined ? undefined : printDuration(request.ms)),
      flag('--runtime', request.runtime),
      flag('--hosts', request.hosts),
      flag('--nodes', request.nodes),
      flag('--clients', request.clients),
      flag('--rate', request.rate),
      flag('--quorum', request.quorum === usualQuorum ? undefined : request.quorum),
      pairs('--option', request.askedOptions ?? options),
      pairs('--with', workload.askedOptions ?? {}),
      flag('--bug', request.bug),
      request.stopsOnViolation ? ['--stop-on-violation'] : [],
      flag('--seed', request.seed),
    )
    .map(quoted)
    .join(' ');
}

const named = ({ name, asked = name, variant }: PlanRequest['faults'][number]): string =>
  variant === undefined ? asked : `${asked}:${variant}`;

/** As a shell would need it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
