import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { explorerScript } from './explorer/embed.ts';
import { headline } from './headline.ts';
import { html, render, trusted, type Html } from './html.ts';
import { hex, paletteCss } from './palette.ts';
import { proofOf } from './proof.ts';
import type { RunFiles } from './run-files.ts';
import { checks } from './sections/checks.ts';
import { environment } from './sections/environment.ts';
import { errors } from './sections/errors.ts';
import { evidence } from './sections/evidence.ts';
import { explorer } from './sections/explorer.ts';
import { faultList } from './sections/faults.ts';
import { incidents } from './sections/incidents.ts';
import { overTime } from './sections/over-time.ts';
import { top } from './sections/top.ts';
import { verdict } from './sections/verdict.ts';
import { why } from './sections/why.ts';
import { struckBy } from './struck.ts';

const style = paletteCss() + readFileSync(new URL('./style.css', import.meta.url), 'utf8');
const script = `${readFileSync(new URL('./copy.js', import.meta.url), 'utf8')}\n${explorerScript}`;

/**
 * The whole page of a run, as one string that needs nothing else.
 *
 * Its own policy forbids every request, and every style and script but the two written here, which it knows by their
 * hashes. So even if a value found a way into the markup, it could do nothing there.
 */
export function page(run: RunFiles): string {
  const { plan, result } = run;
  const { glyph, subject, says, chip } = headline(plan, result);
  const proof = result.counterexample && proofOf(result.counterexample);
  const faults = struckBy(run.marks);
  const places = [
    ['verdict', 'Verdict'],
    ...(proof ? ([['why', 'Why']] as const) : []),
    ['time', 'Over time'],
    ...(run.history?.length ? ([['explore', 'Explore']] as const) : []),
    ['checks', 'Checks'],
    ['environment', 'Environment'],
  ] as const;
  return render(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <meta http-equiv="Content-Security-Policy" content="${policy()}" />
          <meta name="generator" content="Labrys ${plan.versions['labrys'] ?? ''}" />
          <meta name="description" content="${chip}: ${result.sentence}" />
          <title>${glyph} ${subject} ${says}</title>
          ${icon(result.verdict)} ${trusted(`<style>${style}</style>`)}
        </head>
        <body>
          ${top(plan, places)}
          <main class="wrap">
            ${verdict(run, proof)} ${proof && why(proof, run)} ${overTime(run, faults, proof)}
            ${explorer(run, faults)} ${faultList(faults, run)}
            <div class="pair">${checks(result.checks)}${evidence(result)}</div>
            ${incidents(run.marks)} ${errors(run.history)} ${environment(run)}
          </main>
          ${trusted(`<script>${script}</script>`)}
        </body>
      </html>`,
  );
}

function policy(): string {
  return `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; img-src data:; base-uri 'none'; form-action 'none'`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A spot in the colour of the verdict, so that tabs can be told apart. */
function icon(outcome: RunFiles['result']['verdict']): Html {
  const token = outcome === 'pass' ? 'good' : outcome === 'violation' ? 'bad-fill' : 'unknown';
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='${hex(token, 'light')}'/></svg>`;
  return html`<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(svg)}" />`;
}
