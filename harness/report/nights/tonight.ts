import { html, type Html } from '../html.ts';
import { count, name, plural } from '../words.ts';
import type { Campaign, Night, Outcome, Test } from './nights.ts';
import { subjectOf, type Tone } from './words.ts';

/** What one has to know of the last night, in a sentence, and how it stands with everything that ran. */
export function tonight(campaign: Campaign): Html {
  const { says, tone, why } = headlineOf(campaign);
  const on = ranOn(campaign);
  const of = (outcome: Outcome) => on.filter(({ night }) => night.outcome === outcome).length;
  const planted = of('found') + of('missed');
  const figures: readonly (readonly [figure: string, what: string, tone: Tone | ''])[] = [
    [count(of('violation')), 'violations', of('violation') > 0 ? 'bad' : ''],
    [count(of('undecided')), 'undecided', of('undecided') > 0 ? 'warn' : ''],
    [count(of('could-not-run')), 'could not run', of('could-not-run') > 0 ? 'warn' : ''],
    [count(of('pass')), 'passed', of('pass') > 0 ? 'good' : ''],
    ...(planted === 0
      ? []
      : [[`${of('found')}/${planted}`, 'seeded bugs found', of('missed') > 0 ? 'bad' : 'good'] as const]),
  ];
  return html`<section class="card tonight ${tone}" id="tonight">
    <div>
      <h1>${says}</h1>
      ${why !== undefined && html`<p class="quiet">${why}</p>`}
    </div>
    <dl class="figures">
      ${figures.map(
        ([figure, what, colour]) =>
          html`<div>
            <dt>${what}</dt>
            <dd class="${colour}">${figure}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

interface Headline {
  readonly says: string;
  readonly tone: Tone;
  readonly why?: string;
}

/** The most urgent thing that can be said; of a violation, the first one in its own words. */
export function headlineOf(campaign: Campaign): Headline {
  const { tests } = campaign;
  const changed = (kind: string) => tests.filter(({ change }) => change?.kind === kind);
  const [fresh, missed, still] = [changed('new'), changed('missed'), changed('still')];
  if (fresh.length > 0)
    return { ...about(`${plural(fresh.length, 'new violation')}`, fresh, 'broke its promise'), tone: 'bad' };
  if (missed.length > 0)
    return { ...about(`${plural(missed.length, 'seeded bug')} missed`, missed, ''), tone: 'bad' };
  if (still.length > 0)
    return {
      ...about(`No new violation; ${plural(still.length, 'known one')} left`, still, ''),
      tone: 'bad',
    };
  const ran = ranOn(campaign).length;
  if (ran === 0) return { says: 'No runs yet', tone: 'warn', why: 'labrys test starts one.' };
  const unsure = changed('undecided').length + changed('could-not-run').length;
  if (unsure > 0)
    return {
      says: `No violation, but ${plural(unsure, 'test')} of ${count(ran)} came to no verdict`,
      tone: 'warn',
    };
  return {
    says: ran === 1 ? 'The one test passed' : `All ${count(ran)} tests came out as they should`,
    tone: 'good',
  };
}

function about(
  says: string,
  tests: readonly Test[],
  does: string,
): { readonly says: string; readonly why?: string } {
  const { worst } = (tests[0] as Test).nights.at(-1) as Night;
  const first = tests.length === 1 ? `: ${subjectOf(worst)}${does && ` ${does}`}` : '';
  return { says: `${says}${first}`, why: name(worst.sentence, 300) };
}

/** The tests that ran on the last night. */
function ranOn({ nights, tests }: Campaign): readonly { readonly test: Test; readonly night: Night }[] {
  const last = nights.at(-1);
  return tests.flatMap((test) => {
    const night = test.nights.at(-1) as Night;
    return night.night === last ? [{ test, night }] : [];
  });
}
