import type { Verdict } from 'knossos-js';
import { extent, glyphOf } from '../headline.ts';
import { html, type Html } from '../html.ts';
import { count, name, span } from '../words.ts';
import { scroll } from './scroll.ts';

/** Every promise that was judged: how it came out, what was looked at, and how long that took. */
export function checks(verdicts: readonly Verdict[]): Html {
  if (verdicts.length === 0)
    return html`<section class="card" id="checks">
      <h2>Checks</h2>
      <p class="empty">Nothing was checked.</p>
    </section>`;
  return html`<section class="card" id="checks">
    <h2>Checks</h2>
    ${scroll(
      'Checks',
      html`<table class="tbl broad">
        <thead>
          <tr>
            <th>Promise</th>
            <th>Result</th>
            <th>Examined</th>
            <th class="num">Time</th>
          </tr>
        </thead>
        <tbody>
          ${verdicts.flatMap((verdict) => rows(verdict, 0))}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function rows(verdict: Verdict, depth: number): Html[] {
  const tone = verdict.valid === true ? 'good' : verdict.valid === false ? 'bad' : 'warn';
  const says =
    verdict.valid === true ? 'holds' : verdict.valid === false ? extent(verdict) || 'broken' : 'unknown';
  const row = html`<tr><td${depth > 0 && html` class="part"`}>${name(verdict.checker, 80)}</td><td><span class="${tone}">${glyphOf(verdict.valid)} ${says}</span>${verdict.because !== undefined && html`<br />${verdict.because}`}</td><td>${examined(verdict)}</td><td class="num">${time(verdict)}</td></tr>`;
  return [row, ...(verdict.parts ?? []).flatMap((part) => rows(part, depth + 1))];
}

const timeFacts = ['milliseconds', 'ms', 'checkMs'];

function examined({ facts }: Verdict): string {
  return Object.entries(facts)
    .filter(([fact, of]) => !timeFacts.includes(fact) && of !== 0 && of !== '')
    .map(([fact, of]) =>
      typeof of === 'number'
        ? figure(fact, Number.isInteger(of) ? count(of) : String(of))
        : `${name(fact)}: ${name(of, 160)}`,
    )
    .join(' · ');
}

/** `29,893 operations`, but `Δ: 286 ms`, `ms stale, median: 146`, where the name is more than a noun. */
function figure(fact: string, of: string): string {
  const unit = / *, ms$/.exec(fact);
  if (unit !== null) return `${name(fact.slice(0, unit.index))}: ${of} ms`;
  return /,/.test(fact) || /^.$/u.test(fact) ? `${name(fact)}: ${of}` : `${of} ${name(fact)}`;
}

function time({ facts }: Verdict): string {
  const ms = timeFacts.map((fact) => facts[fact]).find((of) => typeof of === 'number');
  return typeof ms === 'number' ? span(ms / 1000) : '–';
}
