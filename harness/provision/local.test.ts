import { readdirSync, readFileSync } from 'node:fs';
import { runtimeConformance } from './conformance.ts';
import { localRuntime, localUpkeep } from './local.ts';

runtimeConformance('local', localRuntime, { inventory });

async function inventory(): Promise<readonly string[]> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const devices = readFileSync('/proc/net/dev', 'utf8').matchAll(/^\s*(\S+):/gm);
  const leftovers = await localUpkeep.leftovers();
  return [
    ...processes.map((pid) => `process ${pid}`),
    ...[...devices].map(([, name]) => `device ${name}`),
    ...leftovers.map(({ what }) => what),
  ];
}
