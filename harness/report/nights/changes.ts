import { html, type Html } from '../html.ts';
import { CAUTION } from '../sentence.ts';
import { scroll } from '../sections/scroll.ts';
import { name } from '../words.ts';
import type { Campaign, Night, Test } from './nights.ts';
import { changeWords, detailOf, subjectOf } from './words.ts';
import { linkTo } from './link.ts';

/** What is not as it was the night before, and what still needs somebody. */
export function changes({ tests, nights }: Campaign, folders: ReadonlySet<string>): Html | '' {
  const changed = tests.filter(({ change }) => change !== undefined);
  const before = nights.at(-2);
  if (changed.length === 0) return '';
  return html`<section class="card" id="changed">
    <h2>${before === undefined ? 'What needs somebody' : html`Changed since ${before}`}</h2>
    ${scroll(
      'Changes',
      html`<table class="tbl broad">
        <tbody>
          ${changed.map((test) => row(test, folders))}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function row(test: Test, folders: ReadonlySet<string>): Html {
  const { worst } = test.nights.at(-1) as Night;
  const { says, tone } = changeWords(test) ?? { says: '', tone: 'good' };
  return html`<tr>
    <td><span class="pill ${tone}">${says}</span></td>
    <td>
      ${linkTo(worst, folders, html`<b>${subjectOf(worst)}</b>`)}
      <small class="quiet">${detailOf(worst)}</small>
    </td>
    <td>${sentenceOf(test)}</td>
    <td class="mono right">seed ${String(worst.seed)}</td>
  </tr>`;
}

function sentenceOf({ change, nights }: Test): string {
  const { worst, night } = nights.at(-1) as Night;
  if (change?.kind === 'slower') return change.what;
  if (change?.kind === 'not run') return `Last run on ${night}, and not since.`;
  return name(worst.sentence.replace(CAUTION, '').trim(), 240);
}
