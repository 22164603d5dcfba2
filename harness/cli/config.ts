import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config, SshHost } from '../config.ts';
import { UsageError } from '../errors.ts';
import { resolveOwnPackages } from '../judge/resolve-own.ts';

const usual = ['labrys.config.ts', 'labrys.config.mjs', 'labrys.config.js'];

/** What the project says in `labrys.config.ts`; nothing, where it has none. */
export async function readConfig(named?: string): Promise<Config> {
  const path = named ?? usual.find((name) => existsSync(name));
  if (path === undefined) return {};
  if (!existsSync(path))
    throw new UsageError(`--config ${path}: no such file`, {
      hint: 'It exports a configuration as its default.',
    });
  resolveOwnPackages();
  const { default: config } = (await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    throw new UsageError(
      `${path} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  })) as { default?: unknown };
  const problems = problemsOfConfig(config);
  if (problems.length > 0)
    throw new UsageError(
      `${path} is not a configuration:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
      {
        hint: 'See docs/cookbook/ssh.md for a whole example.',
      },
    );
  return config as Config;
}

/** Every reason why this is no configuration; none if it is one. A word that is not known is most often a slip. */
export function problemsOfConfig(config: unknown): readonly string[] {
  if (!isObject(config)) return ['it has no default export; export default defineConfig({ … })'];
  const { ssh, ...more } = config;
  const problems = Object.keys(more).map((name) => `${name}: is not known; there is ssh`);
  if (ssh === undefined) return problems;
  if (!isObject(ssh)) return [...problems, 'ssh: should be an object'];
  const { hosts, jump, ...all } = ssh;
  return [
    ...problems,
    ...problemsOfFields(all, 'ssh.', access),
    ...(jump === undefined ? [] : problemsOfHost(jump, 'ssh.jump', jumpFields)),
    ...(Array.isArray(hosts)
      ? hosts.flatMap((host, i) => problemsOfHost(host, `ssh.hosts[${i}]`, hostFields))
      : ['ssh.hosts: should be a list']),
  ];
}

type Kind = 'string' | 'number' | 'boolean' | 'jump';

const access: Readonly<Record<string, Kind>> = {
  user: 'string',
  port: 'number',
  key: 'string',
  agent: 'boolean',
  knownHosts: 'string',
};
const jumpFields: Readonly<Record<string, Kind>> = { ...access, host: 'string', fingerprint: 'string' };
const hostFields: Readonly<Record<keyof SshHost, Kind>> = {
  ...(jumpFields as Record<keyof SshHost, Kind>),
  name: 'string',
  address: 'string',
  folder: 'string',
  jump: 'jump',
};

function problemsOfHost(host: unknown, where: string, fields: Readonly<Record<string, Kind>>): string[] {
  if (typeof host === 'string') return [];
  if (!isObject(host)) return [`${where}: should be a name, or an object`];
  const missing = typeof host['host'] === 'string' ? [] : [`${where}.host: should be a name or an address`];
  return [...missing, ...problemsOfFields(host, `${where}.`, fields)];
}

function problemsOfFields(
  given: Readonly<Record<string, unknown>>,
  where: string,
  fields: Readonly<Record<string, Kind>>,
): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const kind = fields[name];
    if (kind === undefined)
      return [`${where}${name}: is not known; there are ${Object.keys(fields).join(', ')}`];
    if (kind === 'jump') return problemsOfHost(value, where + name, jumpFields);
    return typeof value === kind ? [] : [`${where}${name}: should be a ${kind}`];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
