import { html, type Html } from '../html.ts';
import { systemName } from '../words.ts';
import type { UnderWay } from './under-way.ts';

/** The runs that are under way, each with a link to where it can be followed. */
export function liveRuns(runs: readonly UnderWay[]): Html | '' {
  if (runs.length === 0) return '';
  return html`<section class="card" id="under-way">
    <h2>Under way</h2>
    ${runs.map(
      ({ folder, plan }) =>
        html`<p class="empty">
          <a href="./${encodeURIComponent(folder)}/index.html"
            ><b>${systemName(plan.system)} · ${systemName(plan.workload.name)}</b></a
          >, seed ${plan.seed}
        </p>`,
    )}
  </section>`;
}
