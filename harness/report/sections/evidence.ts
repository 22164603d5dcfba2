import { html, type Html } from '../html.ts';
import type { Result } from '../../record/result.ts';
import { scroll } from './scroll.ts';

/** A pass is worth what it could have failed on; this says what that was. */
export function evidence({ evidence: lines }: Result): Html {
  const body =
    lines.length === 0
      ? html`<p class="empty">Nothing ran, so there is nothing to go by.</p>`
      : html`${scroll(
          'Evidence',
          html`<table class="tbl">
            <thead>
              <tr>
                <th>Evidence</th>
                <th class="right">Seen</th>
                <th class="right">Required</th>
                <th>Enough</th>
              </tr>
            </thead>
            <tbody>
              ${lines.map(
                ({ what, seen, required, enough }) =>
                  html`<tr>
                    <td>${what}</td>
                    <td class="right">${seen}</td>
                    <td class="right">${required}</td>
                    <td>
                      ${enough ? html`<span class="good">✓ yes</span>` : html`<span class="warn">✗ no</span>`}
                    </td>
                  </tr>`,
              )}
            </tbody>
          </table>`,
        )}`;
  return html`<section class="card" id="evidence">
    <h2>Was the test worth anything? <small>what a pass needs, and what was seen</small></h2>
    ${body}
  </section>`;
}
