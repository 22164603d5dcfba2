import { chart, type Drawn } from '../chart/chart.ts';
import { html, type Html } from '../html.ts';
import { courseOf, lastsSeconds } from '../measure.ts';
import { spellsOf } from '../nodes.ts';
import type { Proof } from '../proof.ts';
import type { Metrics } from '../../record/result.ts';
import type { RunFiles } from '../run-files.ts';
import type { Struck } from '../struck.ts';
import { count, plural, span } from '../words.ts';

/** With more nodes than this, their rows would be all of the picture. */
const MOST_ROWS = 9;

/** What is drawn here of a run, judged or not. */
export type Recorded = Pick<RunFiles, 'plan' | 'history' | 'marks' | 'gap'> & {
  readonly metrics: Pick<Metrics, 'ok' | 'failed' | 'unknown' | 'latencyMs'>;
};

/** The run as a whole: what it did while nothing was wrong, under each fault, and after. */
export function overTime(run: Recorded, faults: readonly Struck[], proof: Proof | undefined): Html {
  const { history, marks, plan, metrics, gap } = run;
  if (history === undefined || history.length === 0)
    return html`<section class="card" id="time">
      ${head('')}
      <p class="empty">${gap ?? 'No operation was recorded.'}</p>
    </section>`;
  const inForce = faults.filter((fault) => fault.inForce);
  const seconds = Math.max(0.001, lastsSeconds(history), ...inForce.map(({ to, from }) => to ?? from));
  const spells = spellsOf(marks, faults, seconds);
  const known = spells.length > 0 && plan.nodes.length <= MOST_ROWS;
  const drawn: Omit<Drawn, 'course'> = {
    faults: inForce,
    spells,
    nodes: known ? plan.nodes : [],
    anomalies: proof === undefined ? [] : [proof.impossible.call],
  };
  const { p50, p99, max } = metrics.latencyMs;
  const small = [
    plural(history.length, 'operation'),
    plural(plan.clients, 'client'),
    span(seconds),
    plural(inForce.length, 'fault'),
    `latency p50 ${span(p50 / 1000)}, p99 ${span(p99 / 1000)}, max ${span(max / 1000)}`,
  ].join(' · ');
  return html`<section class="card" id="time">
    ${head(small)}
    <figure>
      <div class="wide">${chart({ ...drawn, course: courseOf(history, seconds, 240) }, 'wide')}</div>
      <div class="narrow" hidden>
        ${chart({ ...drawn, course: courseOf(history, seconds, 80) }, 'narrow')}
      </div>
    </figure>
    ${legend(run, drawn)} ${gap !== undefined && html`<p class="empty">${gap}</p>`}
  </section>`;
}

function legend({ metrics }: Recorded, { anomalies, nodes, spells }: Omit<Drawn, 'course'>): Html {
  const { ok, failed, unknown } = metrics;
  return html`<ul class="legend" aria-label="Legend">
    <li><i class="k-ok"></i>ok (${count(ok)})</li>
    <li><i class="k-failed"></i>failed, never took effect (${count(failed)})</li>
    <li><i class="k-unknown"></i>unknown outcome, may have taken effect (${count(unknown)})</li>
    <li><i class="k-p50"></i>latency, median</li>
    <li><i class="k-p99"></i>latency, 99th percentile</li>
    ${nodes.length > 0 && html`<li><i class="k-leader"></i>leads, as that node said</li>`}
    ${spells.some(({ kind }) => kind === 'deposed') && html`<li><i class="k-deposed"></i>still acts as leader of an earlier term</li>`}
    ${anomalies.length > 0 && html`<li><i class="k-bad"></i>the counterexample</li>`}
  </ul>`;
}

function head(small: string): Html {
  return html`<h2>The run over time <small>${small}</small></h2>`;
}
