import { visible } from './words.ts';

/** Markup that is safe to put into a page. Only {@link html} and {@link trusted} make it. */
export interface Html {
  readonly markup: string;
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

/**
 * A piece of a page: `` html`<b>${name}</b>` ``. What is put in is text, whatever it looks like, unless it is
 * {@link Html} itself; so nothing that a node, a client or a user said can become markup. Put it between tags or
 * between double quotes, and nowhere else.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let markup = parts[0] ?? '';
  for (const [i, content] of contents.entries()) markup += render(content) + (parts[i + 1] ?? '');
  return { markup };
}

/** Markup that this program wrote itself. */
export function trusted(markup: string): Html {
  return { markup };
}

export function render(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (typeof content === 'string') return escape(visible(content));
  if (typeof content === 'number') return String(content);
  return 'markup' in content ? content.markup : content.map(render).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
