import { capital, glyphOf, headline, promises } from '../headline.ts';
import { html, type Html } from '../html.ts';
import type { Proof } from '../proof.ts';
import type { RunFiles } from '../run-files.ts';
import { asides, CAUTION, stretches } from '../sentence.ts';
import { count, plural, span, value } from '../words.ts';

const tones = { pass: 'good', violation: 'bad', undecided: 'warn', 'could-not-run': 'warn' } as const;

/** The first thing that is read, and often the only one: a chip, a sentence, a few facts, and what to type next. */
export function verdict(run: RunFiles, proof: Proof | undefined): Html {
  const { plan, result } = run;
  const { glyph, chip } = headline(plan, result);
  const tone = tones[result.verdict];
  return html`<section class="card verdict ${tone}" id="verdict">
    <div class="say">
      <p class="tag ${tone}">
        <span class="disc" aria-hidden="true"><span>${glyph}</span></span
        >${chip}
      </p>
      <h1${long(result.sentence) && html` class="long"`}>
        ${stretches(result).map(({ text, kind }) => (kind === 'plain' ? text.replace(CAUTION, '') : html`<code class="${kind}">${text}</code>`))}
      </h1>
      <ul class="facts">
        ${facts(run, proof).map((fact) => html`<li>${fact}</li>`)}
      </ul>
      <ul class="models" aria-label="Promises">
        ${promises(result).map(({ name, held }) => html`<li class="m ${{ true: 'o', false: 'x', unknown: 'u' }[`${held}`]}"><span class="g">${glyphOf(held)}</span> <span>${name}</span></li>`)}${caution(run)}
      </ul>
    </div>
    ${next(run)}
  </section>`;
}

/** A sentence that would fill the screen at the size of a headline. */
function long(sentence: string): boolean {
  return sentence.replace(CAUTION, '').length > 150;
}

function facts({ plan, result }: RunFiles, proof: Proof | undefined): Html[] {
  const { metrics } = result;
  const said = asides(result, proof).map((text) => html`${text}`);
  if (proof !== undefined)
    said.push(
      html`Minimal counterexample: <b>${count(proof.operations.length)}</b> of
        ${plural(metrics.operations, 'operation')}.`,
    );
  if (result.because !== undefined && !result.sentence.includes(result.because))
    said.push(
      html`${plan.nodes.some((node) => result.because?.startsWith(`${node} `)) ? result.because : capital(result.because)}`,
    );
  if (metrics.operations === 0) return said;
  if (proof === undefined && metrics.faults > 0)
    said.push(
      html`<b>${count(metrics.overlappedFaults)}</b> operations overlapped a fault,
        <b>${metrics.faultsConfirmed}</b> of ${plural(metrics.faults, 'fault')} confirmed`,
    );
  if (proof === undefined)
    said.push(html`<b>${count(metrics.operationsPerSecond)}</b> operations/s for ${span(metrics.seconds)}`);
  return said;
}

/** What a verdict does not say is part of it. */
function caution({ result }: RunFiles): Html | '' {
  if (result.verdict === 'pass') return html`<li class="m">${CAUTION}</li>`;
  if (result.verdict === 'undecided') return html`<li class="m">Neither a pass nor a violation.</li>`;
  return '';
}

const simulated = 'Simulated: the same seed gives the same run, byte for byte.';
const real =
  'With real nodes a seed fixes what is asked and when faults strike, not how messages interleave.';

function next({ plan, result }: RunFiles): Html {
  const again = {
    pass: 'Run it again',
    violation: 'Reproduce',
    undecided: 'Run it again',
    'could-not-run': 'Try again',
  };
  const settings = Object.entries(plan.options);
  return html`<div class="next">
    <h2>${again[result.verdict]}</h2>
    ${command(result.reproduce)}
    ${
      result.verdict !== 'could-not-run' &&
      html`<h2>Re-check this history, no cluster needed</h2>
        ${command(result.recheck)}`
    }
    <dl class="kv">
      <dt>system</dt>
      <dd>
        ${plan.system}${plan.bug !== undefined && html` <b>with bug ${plan.bug}</b>`}${settings.length > 0 && html` <span class="mono">${settings.map(([name, of]) => `${name}=${value(of)}`).join(' ')}</span>`}
      </dd>
      <dt>runtime</dt>
      <dd>${plan.runtime}, ${plural(plan.nodes.length, 'node')}, ${plural(plan.clients, 'client')}</dd>
    </dl>
    ${result.verdict !== 'could-not-run' && html`<p class="quiet">${plan.runtime === 'sim' ? simulated : real}</p>`}
  </div>`;
}

/** A line to copy: one click selects all of it, and where scripts run it has a button. */
function command(line: string): Html {
  return html`<pre class="cmd"><code>${line}</code></pre>`;
}
