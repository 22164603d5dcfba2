import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { serveResults } from '../../report/serve/server.ts';
import { interrupts } from '../interrupt.ts';
import { whole } from '../options.ts';

/** `labrys serve`: the results as pages, on this machine alone, until Ctrl-C. */
export async function serve(options: { results?: string; port?: string; json?: boolean }): Promise<number> {
  const results = options.results ?? 'results';
  if (!existsSync(results))
    throw new UsageError(`${results}: no such folder`, { hint: 'Runs are kept there once there are any.' });
  await using server = await serveResults(results, whole('--port', options.port ?? '4711', 0, 65_535));
  process.stdout.write(options.json ? `${JSON.stringify({ url: server.url })}\n` : `${server.url}\n`);
  using interrupted = interrupts(() => {});
  await new Promise((resolve) => interrupted.stop.addEventListener('abort', resolve, { once: true }));
  return 0;
}
