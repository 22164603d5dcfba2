/**
 * A run's name: `2026-11-21T02-14-07-etcd-register-7`. Its folder, its containers, networks and namespaces are all
 * called by it, so it has only letters, digits and dashes, and is short enough for a host name beside a prefix.
 */
export function runId(now: Date, system: string, workload: string, seed: number): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return [time, short(system), short(workload), seed].join('-');
}

const short = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 12)
    .replace(/-$/, '') || 'x';
