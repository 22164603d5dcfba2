import { figure } from '../figure/figure.ts';
import { html, type Html } from '../html.ts';
import type { Proof } from '../proof.ts';
import type { RunFiles } from '../run-files.ts';
import { conclusion, stepsOf } from '../steps.ts';
import { moment } from '../words.ts';

/** The proof: a picture of the fewest operations that cannot all be right, and the same in words. */
export function why(proof: Proof, { marks, result }: RunFiles): Html {
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
