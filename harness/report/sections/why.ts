import type { Precedence } from 'knossos-js';
import type { Result } from '../../record/result.ts';
import { cycleFigure } from '../figure/cycle.ts';
import { figure } from '../figure/figure.ts';
import { capital, leaves } from '../headline.ts';
import { html, type Html } from '../html.ts';
import type { Proof } from '../proof.ts';
import type { RunFiles } from '../run-files.ts';
import { conclusion, stepsOf } from '../steps.ts';
import { moment, name, span } from '../words.ts';

/** The proof: a picture of the fewest operations that cannot all be right, and the same in words. */
export function why(proof: Proof, run: RunFiles): Html {
  const { cycle } = proof.counterexample.anomaly;
  return cycle === undefined || cycle.length === 0 ? inTime(proof, run) : aroundIt(proof, cycle, run);
}

/** Transactions have no point in time that they could be seen at; what binds them is who must come before whom. */
function aroundIt(
  { counterexample, operations, decimals }: Proof,
  cycle: readonly Precedence[],
  { result }: RunFiles,
): Html {
  const first = `T${cycle[0]?.from ?? ''}`;
  const { kind } = counterexample.anomaly;
  const picture = html`<div class="broad" tabindex="0" role="group" aria-label="Transactions in a circle">
    ${cycleFigure(cycle, operations)}
  </div>`;
  return html`<section class="card" id="why">
    <h2>Why no order works <small>arrows mean “must come before”</small></h2>
    <div class="why">
      <figure>
        <div class="wide">${picture}</div>
        <div class="narrow" hidden>${picture}</div>
      </figure>
      <div class="story">
        <ol>
          ${cycle.map(
            ({ from, to, kind: edge, because }) =>
              html`<li>
                <time>T${from} → T${to}</time
                ><span>${capital(because)}. <span class="quiet">(${edge})</span></span>
              </li>`,
          )}
          ${operations.map(
            ({ id, call, process, ...rest }) =>
              html`<li>
                <time>${moment(call, decimals)}</time
                ><span
                  >T${id}, client ${process}:
                  ${rest.return === undefined ? 'never answered' : `took ${span(rest.return - call)}`}</span
                >
              </li>`,
          )}
        </ol>
        <p class="so">
          <b class="bad">So ${first} would have to come before itself.</b> ${name(kind, 80)}:
          ${levelsOf(result, counterexample.checker)}
        </p>
      </div>
    </div>
  </section>`;
}

/** What the history shows of the levels of isolation: the weakest that it refutes, and the strongest that it proves. */
function levelsOf({ checks }: Result, checker: string): string {
  const facts = leaves(checks).find((verdict) => verdict.checker === checker)?.facts ?? {};
  const said = [
    typeof facts['refuted'] === 'string' && `forbidden by ${facts['refuted']} and everything stronger`,
    typeof facts['proven'] === 'string' && `the history is ${facts['proven']}`,
  ].filter((part) => part !== false);
  return said.length === 0 ? 'no order is possible.' : `${said.join('; ')}.`;
}

function inTime(proof: Proof, { marks, result }: RunFiles): Html {
  return html`<section class="card" id="why">
    <h2>
      Why this is impossible
      <small
        >the fewest operations that show it; time axis not to scale, times in seconds since the run
        began</small
      >
    </h2>
    <div class="why">
      <figure>
        <div class="wide">${figure(proof, 'wide')}</div>
        <div class="narrow" hidden>${figure(proof, 'narrow')}</div>
      </figure>
      <div class="story">
        <ol>
          ${stepsOf(proof, marks).map(({ at, text, impossible }) => html`<li${impossible && html` class="hot"`}><time>${moment(at, proof.decimals)}</time><span>${impossible && html`<span class="unseen">Impossible: </span>`}${text}</span></li>`)}
        </ol>
        <p class="so">${conclusion(proof, result.sentence)}</p>
      </div>
    </div>
  </section>`;
}
