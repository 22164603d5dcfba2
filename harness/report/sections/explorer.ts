import { embed, MOST_OPERATIONS } from '../explorer/embed.ts';
import { html, type Html } from '../html.ts';
import { lastsSeconds } from '../measure.ts';
import type { RunFiles } from '../run-files.ts';
import type { Struck } from '../struck.ts';
import { count, plural } from '../words.ts';

/** Every operation of the run, for those who want to look for themselves. The one part of the page that needs scripts. */
export function explorer(run: RunFiles, faults: readonly Struck[]): Html | '' {
  const { history } = run;
  if (history === undefined || history.length === 0) return '';
  const seconds = Math.max(0.001, lastsSeconds(history), ...faults.map(({ to, from }) => to ?? from));
  const small = `${plural(history.length, 'operation')}; arrows, + and − move, n goes to the next anomaly`;
  const body =
    history.length > MOST_OPERATIONS
      ? html`<p class="empty">
          Only runs of up to ${count(MOST_OPERATIONS)} operations can be explored here. All of this one is in
          history.jsonl.
        </p>`
      : html`<div id="explorer">
            <p class="empty">
              To look at single operations, this page needs scripts. Everything else on it does not.
            </p>
          </div>
          ${embed({ ...run, history }, faults, seconds)}`;
  return html`<section class="card" id="explore">
    <h2>Every operation <small>${small}</small></h2>
    ${body}
  </section>`;
}
