import { html, type Content, type Html } from '../html.ts';
import type { TrendLine } from './trend.ts';

/** A link to a run's report, where its folder is still there and its name can lead nowhere else. */
export function linkTo(
  { run }: Pick<TrendLine, 'run'>,
  folders: ReadonlySet<string>,
  content: Content,
): Html {
  const safe = /^[\w][\w.-]*$/.test(run) && folders.has(run);
  return safe ? html`<a href="./${run}/index.html">${content}</a>` : html`${content}`;
}
