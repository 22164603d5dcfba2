import { html, type Html } from '../html.ts';
import type { RunFiles } from '../run-files.ts';
import { count, name, plural, span, value } from '../words.ts';
import { scroll } from './scroll.ts';

/** Everything else that one would have to know to run it again, and where the rest of it lies. */
export function environment({ plan, result }: RunFiles): Html {
  const rows: readonly (readonly [string, Html | string])[] = [
    ['Run', html`<span class="mono">${plan.run}</span>, seed <span class="mono">${plan.seed}</span>`],
    ['Cluster', `${plan.runtime}, ${plan.nodes.map((node) => name(node, 20)).join(' ')}`],
    [
      'Load',
      `${plural(plan.clients, 'client')}, ${plan.phases.map(phase).join('; then ')}; an operation without an answer after ${span(plan.deadlineMs / 1000)} is unknown`,
    ],
    [
      'Workload',
      html`<span class="mono">${[plan.workload.name, settings(plan.workload.options)].join(' ')}</span>`,
    ],
    [
      'System',
      html`<span class="mono"
        >${[plan.system, settings(plan.options), plan.bug === undefined ? '' : `bug=${plan.bug}`].join(' ')}</span
      >`,
    ],
    [
      'Faults',
      plan.strikes.length === 0
        ? 'none planned'
        : `${counted(plan.strikes.map(({ fault, variant }) => `${name(fault)}:${name(variant)}`))}; quorum: ${plan.quorum}`,
    ],
    [
      'Limits',
      `${count(plan.check.seconds)} s and ${count(plan.check.memoryBytes / 2 ** 20)} MiB for the checkers`,
    ],
    [
      'Versions',
      Object.entries({ ...plan.versions, ...result.environment })
        .map(([what, version]) => `${name(what)} ${name(version, 80)}`)
        .join(' · '),
    ],
    [
      'Files',
      html`${Object.entries(result.files).map(([purpose, path], i) => html`${i > 0 && ' · '}${file(purpose, path)}`)}`,
    ],
  ];
  return html`<section class="card" id="environment">
    <h2>Environment</h2>
    ${scroll(
      'Environment',
      html`<table class="tbl env">
        <tbody>
          ${rows.map(
            ([what, of]) =>
              html`<tr>
                <th scope="row">${what}</th>
                <td>${of}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function phase({ name: phaseName, seconds, perSecond, weather }: RunFiles['plan']['phases'][number]): string {
  const rate = perSecond === undefined ? 'as fast as replies come' : `${count(perSecond)} operations/s`;
  return `${phaseName}: ${seconds === undefined ? '' : `${span(seconds)}, `}${rate}${weather === 'healthy' ? ', faults healed' : ''}`;
}

function settings(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([option, of]) => `${name(option)}=${typeof of === 'string' ? name(of, 60) : value(of, 60)}`)
    .join(' ');
}

/** A link only where the path can lead nowhere but into the run's folder. */
function file(purpose: string, path: string): Html {
  const safe = /^[\w][\w./-]*$/.test(path) && !path.includes('..');
  return safe
    ? html`<a href="./${path}">${path}</a> (${purpose})`
    : html`<span class="mono">${path}</span> (${purpose})`;
}

/** `kill:leader × 3, pause:one`: each once, in the order of their first. */
function counted(all: readonly string[]): string {
  const times = new Map<string, number>();
  for (const one of all) times.set(one, (times.get(one) ?? 0) + 1);
  return [...times].map(([one, n]) => (n === 1 ? one : `${one} × ${n}`)).join(', ');
}
