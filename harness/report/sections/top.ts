import type { Plan } from '../../plan/plan.ts';
import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import { systemName } from '../words.ts';

const themes = [
  ['auto', '◐', 'as the system'],
  ['light', '☀', 'light'],
  ['dark', '☾', 'dark'],
] as const;

const logo = html`<svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">
  <path d="M11 2h2v20h-2z" fill="${ink('muted')}" />
  <path
    d="M10.2 4.2C7 2.6 4 3.6 2.2 7.6c3.1-.9 5.8-.3 8 1.9zM13.8 4.2c3.2-1.6 6.2-.6 8 3.4-3.1-.9-5.8-.3-8 1.9z"
    fill="${ink('accent')}"
  />
</svg>`;

export const brand: Html = html`<span class="brand">${logo}Labrys</span>`;

/** Follows the reader's system unless the reader chooses; the style does the rest. */
export const themeChoice: Html = html`<fieldset class="theme">
  <legend class="unseen">Colours</legend>
  ${themes.map(([id, glyph, name]) => html`<input type="radio" name="theme" id="theme-${id}" class="unseen" ${id === 'auto' && html` checked`} /><label for="theme-${id}" title="${name}"><span aria-hidden="true">${glyph}</span><span class="unseen">${name}</span></label>`)}
</fieldset>`;

/** Where one is, where one can go on this page, and the choice of colours, which needs no script. */
export function top(plan: Plan, places: readonly (readonly [id: string, name: string])[]): Html {
  const faults = [...new Set(plan.strikes.map(({ fault }) => fault))];
  return html`<header class="top">
    ${brand}
    <span class="crumb"
      ><b>${systemName(plan.system)}</b
      ><i>/</i
      >${systemName(plan.workload.name)}<i>/</i>${faults.length > 0 ? faults.join(' + ') : 'no faults'}<i>/</i
      ><span class="mono">seed ${plan.seed}</span></span
    >
    <nav aria-label="This page">${places.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
    ${themeChoice}
  </header>`;
}
