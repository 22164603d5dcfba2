import { readFileSync } from 'node:fs';
import { explorerScript } from './explorer/embed.ts';
import { headline } from './headline.ts';
import { html } from './html.ts';
import { proofOf } from './proof.ts';
import type { RunFiles } from './run-files.ts';
import { checks } from './sections/checks.ts';
import { environment } from './sections/environment.ts';
import { errors } from './sections/errors.ts';
import { evidence } from './sections/evidence.ts';
import { explorer } from './sections/explorer.ts';
import { faultList } from './sections/faults.ts';
import { histograms } from './sections/histograms.ts';
import { incidents } from './sections/incidents.ts';
import { overTime } from './sections/over-time.ts';
import { top } from './sections/top.ts';
import { verdict } from './sections/verdict.ts';
import { why } from './sections/why.ts';
import { shell } from './shell.ts';
import { struckBy } from './struck.ts';

const script = `${readFileSync(new URL('./copy.js', import.meta.url), 'utf8')}\n${explorerScript}`;

/** The page of a run, what matters most first: the verdict, its proof, the run, and what it was worth. */
export function page(run: RunFiles): string {
  const { plan, result, history } = run;
  const { glyph, subject, says, chip } = headline(plan, result);
  const proof = result.counterexample && proofOf(result.counterexample);
  const faults = struckBy(run.marks);
  const places = [
    ['verdict', 'Verdict'],
    ...(proof ? ([['why', 'Why']] as const) : []),
    ['time', 'Over time'],
    ...(history?.length ? ([['explore', 'Explore']] as const) : []),
    ['checks', 'Checks'],
    ['environment', 'Environment'],
  ] as const;
  return shell(
    {
      title: `${glyph} ${subject} ${says}`,
      description: `${chip}: ${result.sentence}`,
      verdict: result.verdict,
      script,
    },
    html`${top(plan, places)}
      <main class="wrap">
        ${verdict(run, proof)} ${proof && why(proof, run)}
        ${overTime({ ...run, metrics: result.metrics }, faults, proof)} ${explorer(run, faults)}
        ${faultList(faults, run)}
        <div class="pair">${checks(result.checks)}${evidence(result)}</div>
        ${histograms(result.checks)} ${incidents(run.marks)} ${errors(history)} ${environment(run)}
      </main>`,
  );
}
