import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RunVerdict } from '../record/result.ts';
import { html, render, trusted, type Content, type Html } from './html.ts';
import { hex, paletteCss } from './palette.ts';

const style = paletteCss() + readFileSync(new URL('./style.css', import.meta.url), 'utf8');

export interface Shell {
  readonly title: string;
  readonly description: string;
  readonly verdict: RunVerdict;
  readonly script: string;
  /** Of a page that changes: after so long the browser asks for it again. */
  readonly refreshSeconds?: number;
}

/**
 * A page that needs nothing but itself.
 *
 * Its own policy forbids every request, and every style and script but the two that it is given here, which it knows
 * by their hashes. So even if a value found a way into the markup, it could do nothing there.
 */
export function shell({ title, description, verdict, script, refreshSeconds }: Shell, body: Content): string {
  const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return render(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <meta http-equiv="Content-Security-Policy" content="${policy}" />
          <meta name="description" content="${description}" />
          ${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}" />`}
          <title>${title}</title>
          ${icon(verdict)} ${trusted(`<style>${style}</style>`)}
        </head>
        <body>
          ${body} ${trusted(`<script>${script}</script>`)}
        </body>
      </html>`,
  );
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A spot in the colour of the verdict, so that tabs can be told apart. */
function icon(verdict: RunVerdict): Html {
  const token = verdict === 'pass' ? 'good' : verdict === 'violation' ? 'bad-fill' : 'unknown';
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='${hex(token, 'light')}'/></svg>`;
  return html`<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(svg)}" />`;
}
