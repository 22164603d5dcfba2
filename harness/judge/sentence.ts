import type { Anomaly, Verdict } from 'knossos-js';
import type { DrawnOperation, RunVerdict } from '../record/result.ts';
import { anomalySentence } from './anomaly-sentence.ts';
import type { Finding } from './evidence.ts';
import type { CutShort, Survey } from './survey.ts';
import { capital, plural } from './words.ts';

/** What a run came to, in a sentence, and why where it came to nothing. Facts alone, with names as the user knows them. */
export interface Said {
  readonly sentence: string;
  readonly because?: string;
}

export interface Saying {
  readonly verdict: RunVerdict;
  readonly checks: readonly Verdict[];
  readonly findings: readonly Finding[];
  readonly survey: Survey;
  readonly cutShort: CutShort | undefined;
  /** The anomaly that is shown, where there is one, with its operations. Its checker has put it into a sentence. */
  readonly violation:
    | { readonly anomaly: Anomaly; readonly operations: readonly DrawnOperation[] }
    | undefined;
}

/** A run looks at some interleavings of very many. */
const MODESTY = 'This run found no violation. It does not prove that none exists.';

export function say(saying: Saying): Said {
  switch (saying.verdict) {
    case 'violation':
      return { sentence: violated(saying) };
    case 'could-not-run': {
      const why = saying.cutShort?.message ?? 'nothing was recorded';
      return { sentence: stopped(why), because: why };
    }
    case 'undecided':
      return undecided(saying);
    case 'pass':
      return {
        sentence: `${passed(saying)}${died(saying)} ${MODESTY}`,
      };
  }
}

function violated({ violation, checks }: Saying): string {
  if (violation === undefined) return broken(checks);
  const { anomaly, operations } = violation;
  return anomalySentence(anomaly, operations) || broken(checks);
}

function passed({ checks, survey }: Saying): string {
  const { operations, faults } = survey.metrics;
  const keys = survey.keys > 1 ? ` on ${plural(survey.keys, 'key')}` : '';
  const what = `All ${plural(operations, 'operation')}${keys}`;
  const weather = faults > 0 ? `, through ${plural(faults, 'confirmed fault')}` : ', with no fault injected';
  if (checks.some(({ checker }) => checker === 'linearizable'))
    return `${what} fit one order that respects real time${weather}.`;
  return `${what} kept what was promised (${checks.map(({ checker }) => checker).join(', ')})${weather}.`;
}

function died({ survey }: Saying): string {
  return survey.crashes.map((crash) => ` ${stopped(crash)}`).join('');
}

/** A checker that gave up is named before evidence that is missing: more time may settle it, without another run. */
function undecided({ checks, findings, survey }: Saying): Said {
  const unknown = checks.find(({ valid }) => valid === 'unknown');
  if (unknown !== undefined) {
    const because = unknown.because ?? 'it gave no reason';
    return { sentence: stopped(`Whether it is ${unknown.checker} stays open: ${because}`), because };
  }
  const lack = findings.find(({ enough }) => !enough)?.lack ?? 'nothing was checked.';
  if (survey.metrics.operations === 0)
    return {
      sentence: 'Nothing was tested: the history holds no operation.',
      because: 'not enough evidence',
    };
  return {
    sentence: `No violation was found, and that means little: ${lack}`,
    because: 'not enough evidence',
  };
}

function broken(checks: readonly Verdict[]): string {
  const verdict = checks.find(({ valid }) => valid === false);
  return `${capital(verdict?.checker ?? 'a promise')} was broken: ${plural(anomalies(verdict), 'anomaly', 'anomalies')}.`;
}

const anomalies = (verdict: Verdict | undefined): number => verdict?.anomalies.length ?? 0;

function stopped(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
