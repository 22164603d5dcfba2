/**
 * What is wrong with a plug-in, every reason at once, so that a user mends a file in one go. The compiler says the same
 * to those who run it; these words are for those who do not.
 */
type Rule = readonly [member: string, kind: 'string' | 'function' | 'object' | 'array', needed?: 'optional'];

export const problemsOfSystem = (plugin: unknown): string[] => {
  const problems = problemsOf(plugin, 'defineSystem({ … })', [
    ['name', 'string'],
    ['ports', 'object'],
    ['recipe', 'function'],
    ['ready', 'function'],
    ['clients', 'array'],
    ['setup', 'function', 'optional'],
    ['leaders', 'function', 'optional'],
    ['options', 'object', 'optional'],
    ['bugs', 'object', 'optional'],
    ['roles', 'object', 'optional'],
    ['membership', 'object', 'optional'],
    ['admin', 'object', 'optional'],
    ['failpoints', 'object', 'optional'],
  ]);
  if (problems.length > 0) return problems;
  const { name, ports, clients } = plugin as {
    name: string;
    ports: Record<string, unknown>;
    clients: unknown[];
  };
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    problems.push(
      `name: ${JSON.stringify(name)} must be lower-case letters, digits and dashes: folders and containers carry it`,
    );
  for (const [port, number] of Object.entries(ports))
    if (!Number.isInteger(number) || (number as number) < 1 || (number as number) > 65535)
      problems.push(`ports.${port}: ${JSON.stringify(number)} is not a port from 1 to 65535`);
  if (clients.length === 0)
    problems.push(
      'clients: is empty, so that no workload can use it; bind one with clientFor(workload, open)',
    );
  clients.forEach((client, i) => {
    if (
      problemsOf(client, '', [
        ['workload', 'string'],
        ['open', 'function'],
      ]).length > 0
    )
      problems.push(`clients[${i}]: is not what clientFor(workload, open) returns`);
  });
  return problems;
};

export const problemsOfWorkload = (plugin: unknown): string[] =>
  problemsOf(plugin, 'a Workload', [
    ['name', 'string'],
    ['about', 'string'],
    ['defaults', 'object'],
    ['reads', 'array'],
    ['main', 'function'],
    ['final', 'function', 'optional'],
    ['checkers', 'function'],
  ]);

export const problemsOfFault = (plugin: unknown): string[] =>
  problemsOf(plugin, 'a Fault', [
    ['name', 'string'],
    ['about', 'string'],
    ['needs', 'array'],
    ['variants', 'array'],
    ['inject', 'function'],
  ]);

function problemsOf(plugin: unknown, what: string, rules: readonly Rule[]): string[] {
  if (plugin === undefined) return [`it has no default export; export default ${what}`];
  if (typeof plugin !== 'object' || plugin === null)
    return [`its default export is ${typeof plugin}, not ${what}`];
  return rules.flatMap(([member, kind, needed]) => {
    const value = (plugin as Record<string, unknown>)[member];
    if (value === undefined)
      return needed === 'optional' ? [] : [`${member}: is missing; it should be ${article(kind)}`];
    const is = Array.isArray(value) ? 'array' : typeof value;
    return is === kind ? [] : [`${member}: is ${article(is)}; it should be ${article(kind)}`];
  });
}

const article = (kind: string): string => (/^[aeo]/.test(kind) ? `an ${kind}` : `a ${kind}`);
