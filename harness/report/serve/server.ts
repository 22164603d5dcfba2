import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnvironmentError } from '../../errors.ts';
import { routes, type Page } from './routes.ts';

/** A server of reports under way. Closing it lets go of the port. */
export interface ReportServer extends AsyncDisposable {
  /** `http://127.0.0.1:4711/` */
  readonly url: string;
}

/**
 * Serves a folder of results on this machine alone: what `labrys report` draws, drawn anew at each request, so that runs
 * under way can be followed. It reads, and never writes; it answers only to its own name, so that no page from elsewhere
 * can read results through a browser (DNS rebinding).
 */
export async function serveResults(results: string, port: number): Promise<ReportServer> {
  const server = createServer((request, response) => void answer(results, server, request, response));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (cause) {
    throw new EnvironmentError(`port ${port} of 127.0.0.1 cannot be used: ${(cause as Error).message}`, {
      hint: 'Choose another with --port, or let --port 0 find a free one.',
      cause,
    });
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  results: string,
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  let page: Page;
  if (!names.includes(request.headers.host ?? ''))
    page = refusal(421, 'This server answers to 127.0.0.1 only.');
  else if (request.method !== 'GET' && request.method !== 'HEAD') page = refusal(405, 'Only GET.');
  else
    page = await routes(results, request.url ?? '/').catch((error: unknown) =>
      refusal(500, `This page cannot be drawn: ${(error as Error).message}`),
    );
  response.writeHead(page.status ?? 200, {
    'content-type': page.type ?? 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...(page.location !== undefined && { location: page.location }),
  });
  if (request.method === 'HEAD') response.end();
  else if (typeof page.body === 'string') response.end(page.body);
  else page.body.on('error', () => response.destroy()).pipe(response);
}

function refusal(status: number, says: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${says}\n` };
}
