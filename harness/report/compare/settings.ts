import type { Plan } from '../../plan/plan.ts';
import { html, type Html } from '../html.ts';
import { scroll } from '../sections/scroll.ts';
import { count, name, value } from '../words.ts';

/** What was asked of the two runs differently. Of what is equal, only how much of it there is. */
export function settings(a: Plan, b: Plan): Html {
  const [ofA, ofB] = [flat(a), flat(b)];
  const all = [...new Set([...ofA.keys(), ...ofB.keys()])].toSorted();
  const different = all.filter((what) => ofA.get(what) !== ofB.get(what));
  const same = all.length - different.length;
  return html`<section class="card" id="settings">
    <h2>What differs <small>${count(same)} settings are the same</small></h2>
    ${
      different.length === 0
        ? html`<p class="empty">Nothing: both were asked the same, with the same seed.</p>`
        : scroll(
            'Differences',
            html`<table class="tbl">
              <thead>
                <tr>
                  <th>Setting</th>
                  <th>A</th>
                  <th>B</th>
                </tr>
              </thead>
              <tbody>
                ${different.map(
                  (what) =>
                    html`<tr>
                      <td>${name(what, 60)}</td>
                      <td class="mono">${ofA.get(what) ?? '–'}</td>
                      <td class="mono">${ofB.get(what) ?? '–'}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`,
          )
    }
  </section>`;
}

/** What names a run rather than decides it, and what follows from the rest. */
const NAMES = new Set(['format', 'run', 'again', 'strikes']);

/** A plan as lines: `workload.options.keys` → `256`. */
function flat(plan: Plan): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  const open: (readonly [path: string, of: unknown])[] = Object.entries(plan).filter(
    ([what]) => !NAMES.has(what),
  );
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, of] = next;
    if (typeof of === 'object' && of !== null && !Array.isArray(of))
      for (const [what, inside] of Object.entries(of)) open.push([`${path}.${what}`, inside]);
    else if (path === 'phases') lines.set(path, name(JSON.stringify(of), 200));
    else lines.set(path, value(of, 120));
  }
  lines.set('faults', faultsOf(plan));
  return lines;
}

/** How often each fault was to strike: `2 × partition, 1 × kill`. */
function faultsOf({ strikes }: Plan): string {
  const often = Map.groupBy(strikes, ({ fault }) => fault);
  return [...often].map(([fault, of]) => `${of.length} × ${name(fault)}`).join(', ') || 'none';
}
