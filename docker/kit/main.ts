/**
 * What a container or a local process runs: `node main.ts <protocol module> '<json place>'`.
 *
 * It exits with 78 when it was started wrongly, 71 when a port cannot be had, 74 when its disk fails, and 70 when the
 * protocol throws where nobody could catch it.
 */
import { pathToFileURL } from 'node:url';
import type { Protocol, ProtocolSettings } from './kit.ts';
import { serve, type Place } from './real/serve.ts';

const [module, json] = process.argv.slice(2);

function stop(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

if (module === undefined || json === undefined)
  stop(78, "usage: node main.ts <protocol module> '<json place>'");

for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) =>
    stop(70, `the protocol threw: ${error instanceof Error ? error.stack : String(error)}`),
  );

try {
  const place = JSON.parse(json) as Place & ProtocolSettings;
  const { default: protocol } = (await import(pathToFileURL(module).href)) as { default?: Protocol };
  if (typeof protocol !== 'function')
    stop(78, `${module} has no default export (settings) => (host) => node`);
  await serve(place, protocol({ options: place.options, bug: place.bug }));
} catch (error) {
  const busy =
    error instanceof Error && 'syscall' in error && ['listen', 'bind'].includes(String(error.syscall));
  if (busy) stop(71, `cannot listen: ${error.message}`);
  stop(78, error instanceof Error ? (error.stack ?? error.message) : String(error));
}
