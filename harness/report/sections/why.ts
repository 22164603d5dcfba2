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

/** So many transactions in a circle can be read when they are as wide as the page; of more, one scrolls along. */
const FIT = 5;

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
  const picture = html`<div
    class="broad${cycle.length <= FIT && ' circle'}"
    tabindex="0"
    role="group"
    aria-label="Transactions in a circle"
  >
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
        </ol>
        <p class="so">
          <b class="bad">So ${first} would have to come before itself: no order is possible.</b>
        </p>
        <dl class="kv">
          <dt>name</dt>
          <dd>${name(kind, 80)}${common(kind)}</dd>
          ${levelsOf(result, counterexample.checker)}
          ${operations.map(
            ({ id, call, process, node, ...rest }) =>
              html`<dt>T${id}</dt>
                <dd>
                  client ${process}${node !== undefined && ` → ${name(node)}`}, at ${moment(call, decimals)}
                  s, ${rest.return === undefined ? 'never answered' : `took ${span(rest.return - call)}`}
                </dd>`,
          )}
        </dl>
      </div>
    </div>
  </section>`;
}

/** What the history shows of the levels of isolation: the weakest that it refutes, and the strongest that it proves. */
function levelsOf({ checks }: Result, checker: string): Html {
  const facts = leaves(checks).find((verdict) => verdict.checker === checker)?.facts ?? {};
  const row = (term: string, says: string) =>
    html`<dt>${term}</dt>
      <dd>${says}</dd>`;
  return html`${typeof facts['refuted'] === 'string' && row('forbidden by', `${facts['refuted']} and everything stronger`)}${typeof facts['proven'] === 'string' && row('this run was', facts['proven'])}`;
}

/** What the kinds of circles are called where people talk about them. */
const commonNames: readonly (readonly [kind: RegExp, called: string])[] = [
  [/^G0/, 'dirty write'],
  [/^G1c/, 'circular information flow'],
  [/^G-single/, 'read skew'],
  [/^G-nonadjacent/, 'long fork'],
  [/^G2/, 'write skew'],
];

function common(kind: string): string {
  const called = commonNames.find(([pattern]) => pattern.test(kind))?.[1];
  return called === undefined ? '' : `, ${called}`;
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
