import type { DrawnOperation } from '../../record/result.ts';

/** The text that a page shows, without its markup, styles and scripts. */
export function textOf(page: string): string {
  return unescape(
    page
      .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
      .replace(/<template\s[\s\S]*?<\/template\s*>/g, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' '),
  );
}

/** The names of all elements of a page, styles and scripts not looked into. */
export function elementsOf(page: string): Set<string> {
  const bare = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1></$1>');
  return new Set([...bare.matchAll(/<\/?([a-zA-Z][^\s/>]*)/g)].map(([, name]) => name as string));
}

/** The operations that the figure shows, read back from the drawing. */
export function drawnIn(page: string): DrawnOperation[] {
  const [figure] = page.match(/<div class="wide">[\s\S]*?<\/svg>/) ?? [''];
  return [...figure.matchAll(/<g class="op[^"]*"([^>]*)>/g)].map(([, attributes]) => {
    const fields = [...(attributes ?? '').matchAll(/data-([a-z]+)="([^"]*)"/g)];
    // Fields are written as JSON, one attribute each.
    return Object.fromEntries(
      fields.map(([, field, json]) => [field, JSON.parse(unescape(json as string)) as unknown]),
    ) as unknown as DrawnOperation;
  });
}

const characters: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

function unescape(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => characters[entity] ?? entity);
}
