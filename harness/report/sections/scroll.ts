import { html, type Content, type Html } from '../html.ts';

/** A table that may be wider than the screen: it scrolls by itself, by keyboard too. */
export function scroll(label: string, table: Content): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
}
