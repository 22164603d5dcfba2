import { createReadStream, type ReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { comparePage } from '../compare/compare.ts';
import { resultsPage } from '../results-page.ts';
import { readRun } from '../run-files.ts';
import { livePage } from './live.ts';
import { underWay } from './under-way.ts';

/** What is answered: a page, or a file as it lies there. */
export interface Page {
  readonly status?: number;
  readonly type?: string;
  readonly location?: string;
  readonly body: string | ReadStream;
}

/** A name of a run or of a file in it. What else a path may be made of leads nowhere. */
const NAME = /^\w[\w.-]*$/;

/**
 * `/` is the page of all results, `/<run>/` a run's report or, while it has none, the run as far as it is; below it are the
 * run's files. `/compare/<run>/<run>` draws two side by side.
 */
export async function routes(results: string, url: string): Promise<Page> {
  const path = new URL(url, 'http://127.0.0.1').pathname;
  const names = path.split('/').filter((part) => part !== '');
  if (!names.every((part) => NAME.test(part))) return nothing(path);
  const [first, second, third] = names;
  if (first === undefined || path === '/index.html')
    return { body: await resultsPage(results, await underWay(results)) };
  if (first === 'compare' && second !== undefined && third !== undefined)
    return compared(results, second, third);
  const folder = join(results, first);
  if (names.length === 1) return file(results, folder, path);
  if (names.length === 2 && second === 'index.html' && !(await exists(join(folder, 'result.json'))))
    return (await exists(join(folder, 'plan.json'))) ? { body: await livePage(folder) } : nothing(path);
  return file(results, join(folder, ...names.slice(1)), path);
}

async function compared(results: string, a: string, b: string): Promise<Page> {
  const [one, other] = await Promise.all([readRun(join(results, a)), readRun(join(results, b))]);
  return { body: comparePage(one, other) };
}

/** Pages are ours and carry their own policy. Everything else is data, and shown as text, whatever it holds. */
async function file(results: string, path: string, asked: string): Promise<Page> {
  const [root, real] = await Promise.all([realpath(results), realpath(path).catch(() => undefined)]);
  // A link in a node's data may point anywhere; what it points at is not served.
  if (real === undefined || !real.startsWith(root + sep)) return nothing(asked);
  const found = await stat(real);
  if (found.isDirectory())
    return { status: 302, location: `${asked.replace(/\/*$/, '')}/index.html`, body: '' };
  if (!found.isFile()) return nothing(asked);
  const page = /(^|\/)(index|compare-[\w.-]+)\.html$/.test(real) && !real.includes(`${sep}nodes${sep}`);
  return {
    type: page ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
    body: createReadStream(real),
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function nothing(path: string): Page {
  return {
    status: 404,
    type: 'text/plain; charset=utf-8',
    body: `There is nothing at ${JSON.stringify(path)}.\n`,
  };
}
