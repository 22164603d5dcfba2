import type { Plan } from '../plan/plan.ts';
import type { Result } from '../record/result.ts';
import { headline } from './headline.ts';
import { render, trusted, type Content, type Html } from './html.ts';
import { proofOf } from './proof.ts';
import { element } from './svg.ts';
import { textFigure } from './text-figure.ts';
import { systemName } from './words.ts';

/** A run that has been judged. */
export interface Judged {
  readonly plan: Plan;
  readonly result: Result;
}

/**
 * Runs as JUnit's XML, which every CI reads: a suite a system, a case a run.
 *
 * A violation is a `<failure>`. What is undecided or could not run is an `<error>`: neither passed nor skipped, or a
 * gate would go green on a test that tested nothing.
 */
export function junitXml(runs: readonly Judged[]): string {
  const suites = [...Map.groupBy(runs, ({ plan }) => plan.system)].map(([system, of]) =>
    element('testsuite', { name: systemName(system), ...tally(of) }, of.map(testcase)),
  );
  const text = render(element('testsuites', { name: 'labrys', ...tally(runs) }, suites));
  // Two characters that are text everywhere but in XML.
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text.replace(/[\ufffe\uffff]/g, '\ufffd')}\n`;
}

function tally(runs: readonly Judged[]): Record<string, string> {
  const of = (...verdicts: Result['verdict'][]) =>
    String(runs.filter(({ result }) => verdicts.includes(result.verdict)).length);
  return {
    tests: String(runs.length),
    failures: of('violation'),
    errors: of('undecided', 'could-not-run'),
    skipped: '0',
    time: runs.reduce((sum, { result }) => sum + result.metrics.seconds, 0).toFixed(3),
  };
}

function testcase({ plan, result }: Judged): Html {
  const faults = [...new Set(plan.strikes.map(({ fault }) => fault))].join('+');
  const properties = {
    verdict: result.verdict,
    seed: String(plan.seed),
    operations: String(result.metrics.operations),
    reproduce: result.reproduce,
    're-check': result.recheck,
    ...(plan.versions['commit'] !== undefined && { commit: plan.versions['commit'] }),
  };
  const report = result.files['report'];
  return element(
    'testcase',
    {
      classname: `labrys.${systemName(plan.system)}`,
      name: [systemName(plan.workload.name), faults, `seed ${plan.seed}`].filter(Boolean).join(' '),
      time: result.metrics.seconds.toFixed(3),
    },
    element(
      'properties',
      {},
      Object.entries(properties).map(([name, value]) => element('property', { name, value })),
    ),
    outcome(plan, result),
    // Jenkins and GitLab turn this into a link.
    report !== undefined && element('system-out', {}, `[[ATTACHMENT|results/${result.run}/${report}]]`),
  );
}

function outcome(plan: Plan, result: Result): Html | '' {
  const type = headline(plan, result)
    .chip.toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-');
  const about = { type, message: result.sentence };
  switch (result.verdict) {
    case 'pass':
      return '';
    case 'violation':
      return element('failure', about, result.sentence, proof(result));
    case 'undecided':
    case 'could-not-run':
      return element('error', about, result.because ?? result.sentence);
  }
}

function proof({ counterexample }: Result): Content {
  const found = counterexample && proofOf(counterexample);
  if (found === undefined) return '';
  return textFigure(found, 110).map((line) => [trusted('\n'), line.map(({ text }) => text)]);
}
