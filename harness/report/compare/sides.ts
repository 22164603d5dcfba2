import { headline } from '../headline.ts';
import { html, type Html } from '../html.ts';
import type { RunFiles } from '../run-files.ts';
import { CAUTION } from '../sentence.ts';
import { name } from '../words.ts';

const tones = { pass: 'good', violation: 'bad', undecided: 'warn', 'could-not-run': 'warn' } as const;

/** Both verdicts, each in its own words. */
export function sides(a: RunFiles, b: RunFiles): Html {
  return html`<section class="pair" id="verdicts">
    ${[['A', a] as const, ['B', b] as const].map(([letter, { plan, result }]) => {
      const { chip, glyph, subject } = headline(plan, result);
      const tone = tones[result.verdict];
      return html`<div class="card verdict ${tone} side">
        <div class="say">
          <p class="tag ${tone}">
            <span class="disc" aria-hidden="true"><span>${glyph}</span></span
            >${letter} · ${chip}
          </p>
          <h1>${name(result.sentence.replace(CAUTION, '').trim(), 400)}</h1>
          <p class="quiet">${subject}, <span class="mono">${plan.run}</span></p>
        </div>
      </div>`;
    })}
  </section>`;
}
