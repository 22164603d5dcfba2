import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonl } from 'knossos-js';
import { html, type Html } from '../html.ts';
import { lastsSeconds, tallyOf } from '../measure.ts';
import { errors } from '../sections/errors.ts';
import { faultList } from '../sections/faults.ts';
import { overTime } from '../sections/over-time.ts';
import { top } from '../sections/top.ts';
import { shell } from '../shell.ts';
import { struckBy } from '../struck.ts';
import { count, plural, span, systemName } from '../words.ts';
import { planOf } from './under-way.ts';

/**
 * A run before it is judged, as far as it is recorded. The page asks for itself again every few seconds, without a
 * script, and finds the report there once there is one.
 */
export async function livePage(folder: string): Promise<string> {
  const [plan, bytes] = await Promise.all([
    planOf(folder),
    readFile(join(folder, 'history.jsonl')).catch(() => Buffer.alloc(0)),
  ]);
  const { history, marks } = readJsonl(bytes);
  const faults = struckBy(marks);
  const metrics = tallyOf(history);
  const run = { plan, history, marks, metrics };
  const subject = `${systemName(plan.system)} · ${systemName(plan.workload.name)}`;
  return shell(
    {
      title: `… ${subject}`,
      description: `${subject}, under way`,
      verdict: 'undecided',
      script: '',
      // A history of a million operations takes a second to read: then it is looked at less often.
      refreshSeconds: Math.max(2, Math.ceil(history.length / 50_000)),
    },
    html`${top(plan, [
        ['verdict', 'Now'],
        ['time', 'Over time'],
      ])}
      <main class="wrap">
        ${now(subject, lastsSeconds(history), metrics, marks.findLast(({ name }) => name === 'phase')?.what)}
        ${overTime(run, faults, undefined)} ${faultList(faults, run)} ${errors(history)}
      </main>`,
  );
}

function now(
  subject: string,
  seconds: number,
  { operations, ok, failed, unknown }: ReturnType<typeof tallyOf>,
  phase: string | undefined,
): Html {
  return html`<section class="card tonight warn" id="verdict">
    <div>
      <h1>${subject}: ${operations === 0 ? 'starting' : `${span(seconds)} under way`}</h1>
      <p class="quiet">
        ${phase === undefined ? 'The nodes are coming up.' : `Phase ${phase}: ${plural(operations, 'operation')}, ${count(ok)} ok, ${count(failed)} failed, ${count(unknown)} unknown.`}
        It has no verdict yet; this page follows it.
      </p>
    </div>
  </section>`;
}
