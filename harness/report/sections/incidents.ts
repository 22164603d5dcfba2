import type { Mark } from 'knossos-js';
import { html, type Html } from '../html.ts';
import { moment, name } from '../words.ts';
import { scroll } from './scroll.ts';

/** What happened to the run that nobody had planned: nodes that died by themselves, a harness that was too slow. */
export function incidents(marks: readonly Mark[]): Html | '' {
  const found = marks.filter(({ name: kind }) => kind === 'crash' || kind === 'coarse');
  if (found.length === 0) return '';
  return html`<section class="card" id="incidents">
    <h2>Also happened <small>planned by nobody</small></h2>
    ${scroll(
      'Also happened',
      html`<table class="tbl">
        <tbody>
          ${found.map(
            (mark) =>
              html`<tr>
                <td class="num">${moment(mark.time / 1e9)} s</td>
                <td><span class="warn">!</span> ${name(mark.what, 200)}${lastLines(mark)}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`;
}

/** What a node said before it died is the first thing that anyone asks for. */
function lastLines({ details }: Mark): Html | '' {
  const lines = details?.['lastLines'];
  if (!Array.isArray(lines) || lines.length === 0) return '';
  return html`<pre class="log">${lines.map((line) => [name(String(line), 400), html`<br />`])}</pre>`;
}
