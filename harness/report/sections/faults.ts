import { html, trusted, type Html } from '../html.ts';
import { recoveries, type Recovery } from '../recovery.ts';
import type { RunFiles } from '../run-files.ts';
import { faultName } from '../sentence.ts';
import type { Struck } from '../struck.ts';
import { count, moment, plural, span } from '../words.ts';
import { scroll } from './scroll.ts';

/** A run of a minute may have sixty, and a page only so many elements; the rest is a press away, a line each. */
const SHOWN = 12;

/** Each fault with what a probe saw of it, and how the system came through. */
export function faultList(
  faults: readonly Struck[],
  { history, marks }: Pick<RunFiles, 'history' | 'marks'>,
): Html | '' {
  if (faults.length === 0) return '';
  const inForce = faults.filter((fault) => fault.inForce);
  // What comes after the main phase is another load.
  const main = marks.findIndex(({ name, what }) => name === 'phase' && what === 'main');
  const end = marks.find(({ name }, i) => name === 'phase' && main >= 0 && i > main);
  const after = new Map(
    history === undefined
      ? []
      : recoveries(history, inForce, end && end.time / 1e9).map(
          (recovery, i) => [inForce[i], recovery] as const,
        ),
  );
  return html`<section class="card" id="faults">
    <h2>Faults <small>recovered: from the heal until throughput was at 80 % of what it was before</small></h2>
    ${table(faults.slice(0, SHOWN), after)}
    ${
      faults.length > SHOWN &&
      html`<details class="more">
        <summary>${plural(faults.length - SHOWN, 'more fault')}</summary>
        ${scroll('More faults', html`<pre class="log">${lines(faults.slice(SHOWN), after).map((line) => [line, trusted('\n')])}</pre>`)}
      </details>`
    }
  </section>`;
}

function table(faults: readonly Struck[], after: ReadonlyMap<Struck | undefined, Recovery>): Html {
  return scroll(
    'Faults',
    html`<table class="tbl broad">
      <thead>
        <tr>
          <th>Fault</th>
          <th class="num">From</th>
          <th class="num">Healed</th>
          <th>Evidence</th>
          <th class="num">Throughput before → lowest</th>
          <th class="num">Recovered</th>
        </tr>
      </thead>
      <tbody>
        ${faults.map((fault) => row(fault, after.get(fault)))}
      </tbody>
    </table>`,
  );
}

function row(fault: Struck, recovery: Recovery | undefined): Html {
  return html`<tr>
    <td><b>${faultName(fault)}</b></td>
    <td class="num">${moment(fault.from)} s</td>
    <td class="num">${!fault.inForce ? '–' : fault.to === undefined ? 'never' : `${moment(fault.to)} s`}</td>
    <td>${evidence(fault)}</td>
    <td class="num">${throughput(recovery)}</td>
    <td class="num">${recovered(recovery)}</td>
  </tr>`;
}

/** The same as plain text, in columns. */
function lines(faults: readonly Struck[], after: ReadonlyMap<Struck | undefined, Recovery>): string[] {
  const rows = faults.map((fault) => {
    const recovery = after.get(fault);
    const { outcome } = fault.evidence;
    const seen =
      outcome === 'confirmed'
        ? '✓ confirmed'
        : outcome === 'skipped'
          ? '? found nothing to do'
          : '? not confirmed';
    const healed = !fault.inForce ? '–' : fault.to === undefined ? 'never' : `${moment(fault.to)} s`;
    return [
      faultName(fault),
      `${moment(fault.from)} s`,
      healed,
      seen,
      throughput(recovery),
      recovered(recovery),
    ];
  });
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function evidence({ evidence: of }: Struck): Html {
  return of.outcome === 'confirmed'
    ? html`<span class="good">✓ confirmed:</span> ${of.how}`
    : html`<span class="warn">? ${of.outcome === 'skipped' ? 'found nothing to do' : 'not confirmed'}:</span>
        ${of.because}`;
}

function throughput(of: Recovery | undefined): string {
  if (of === undefined) return '–';
  return `${of.before === undefined ? '–' : `${count(of.before)}/s`} → ${count(of.lowest)}/s`;
}

function recovered(of: Recovery | undefined): string {
  if (of === undefined) return '–';
  if (of.seconds === undefined) return of.because ?? '–';
  if (of.failover === undefined) return of.seconds === 0 ? 'at once' : span(of.seconds);
  return of.failover === 0 ? 'never dropped' : `before the heal, ${span(of.failover)} after it struck`;
}
