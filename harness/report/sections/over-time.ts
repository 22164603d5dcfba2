import { chart } from '../chart/chart.ts';
import { html, type Html } from '../html.ts';
import { courseOf, lastsSeconds } from '../measure.ts';
import type { Proof } from '../proof.ts';
import type { RunFiles } from '../run-files.ts';
import type { Struck } from '../struck.ts';
import { count, plural, span } from '../words.ts';

/** The run as a whole: what it did while nothing was wrong, under each fault, and after. */
export function overTime(
  { history, plan, result, gap }: RunFiles,
  faults: readonly Struck[],
  proof: Proof | undefined,
): Html {
  if (history === undefined || history.length === 0)
    return html`<section class="card" id="time">
      ${head('')}
      <p class="empty">${gap ?? 'No operation was recorded.'}</p>
    </section>`;
  const seconds = Math.max(0.001, lastsSeconds(history), ...faults.map(({ to, from }) => to ?? from));
  const anomalies = proof === undefined ? [] : [proof.impossible.call];
  const { p50, p99, max } = result.metrics.latencyMs;
  const small = `${plural(history.length, 'operation')} · ${plural(plan.clients, 'client')} · ${span(seconds)} · ${plural(faults.length, 'fault')} · latency p50 ${span(p50 / 1000)}, p99 ${span(p99 / 1000)}, max ${span(max / 1000)}`;
  return html`<section class="card" id="time">
    ${head(small)}
    <figure>
      <div class="wide">${chart(courseOf(history, seconds, 240), faults, anomalies, 'wide')}</div>
      <div class="narrow" hidden>${chart(courseOf(history, seconds, 80), faults, anomalies, 'narrow')}</div>
    </figure>
    <ul class="legend" aria-label="Legend">
      <li><i class="k-ok"></i>ok (${count(result.metrics.ok)})</li>
      <li><i class="k-failed"></i>failed, never took effect (${count(result.metrics.failed)})</li>
      <li>
        <i class="k-unknown"></i>unknown outcome, may have taken effect (${count(result.metrics.unknown)})
      </li>
      <li><i class="k-p50"></i>latency, median</li>
      <li><i class="k-p99"></i>latency, 99th percentile</li>
      ${anomalies.length > 0 && html`<li><i class="k-bad"></i>the counterexample</li>`}
    </ul>
    ${gap !== undefined && html`<p class="empty">${gap}</p>`}
  </section>`;
}

function head(small: string): Html {
  return html`<h2>The run over time <small>${small}</small></h2>`;
}
